/// Akamai's Fast Purge, version 3.
public struct AkamaiPurger: EdgePurger {
    /// The name.
    public let name = "akamai"
    private let network: String
    private let signature: EdgeGridSignature
    private let base: String

    /// What Akamai can: a body of 50,000 bytes, in which tags have 128 at most, in up to two forms.
    public let capabilities = EdgeCapabilities(
        batch: [.tag: 200, .url: 200],
        soft: [.tag, .url],
        maximumBodyBytes: 50_000,
        rate: .init(burst: 100, perSecond: 5),
        echoDelay: .seconds(10)
    )

    /// Makes a purger.
    ///
    /// - Parameters:
    ///   - base: The URL of the interface that belongs to the credentials, such as
    ///     `https://akab-….purge.akamaiapis.net`.
    ///   - clientToken: The client token.
    ///   - clientSecret: The client secret.
    ///   - accessToken: The access token.
    ///   - network: `production` or `staging`.
    /// - Throws: ``EdgeError`` with the code `invalidConfiguration` if the URL has no scheme or no host.
    public init(
        base: String,
        clientToken: EdgeSecret,
        clientSecret: EdgeSecret,
        accessToken: EdgeSecret,
        network: String = "production"
    ) throws(EdgeError) {
        self.base = try EdgeURL.base(base)
        self.network = network
        signature = EdgeGridSignature(
            clientToken: clientToken,
            clientSecret: clientSecret,
            accessToken: accessToken
        )
    }

    /// One request for the whole batch.
    public func calls(
        for selectors: [EdgeSelector],
        isSoft: Bool,
        context: EdgeCallContext
    ) throws(EdgeError) -> [EdgeCall] {
        let kind: String
        let objects: [String]
        switch selectors.first?.kind {
        case .tag: (kind, objects) = ("tag", selectors.tags(.akamai))
        case .url: (kind, objects) = ("url", selectors.texts)
        default: throw EdgeError(.unsupportedPurge, "Akamai purges by tag and by URL.")
        }
        let call = EdgeCall(
            "POST",
            "\(base)/ccu/v3/\(isSoft ? "invalidate" : "delete")/\(kind)/\(network)",
            [.init("Content-Type", "application/json")],
            body: "{\"objects\":\(JSONText.list(objects))}"
        )
        return [try signature.signed(call, at: context.secondsSince1970, nonce: context.identifier)]
    }

    /// 507 says that the queue of the vendor is full; without a word on when to come again it wants 5 seconds.
    public func outcome(of reply: EdgeReply) -> PurgeOutcome {
        switch reply.status {
        case 200..<300: .done
        case 413: .split("413")
        case 429, 507: .retry(after: reply.retryAfter ?? .seconds(5), "status \(reply.status)")
        case 408, 500..<600: .retry(after: reply.retryAfter, "status \(reply.status)")
        default: .rejected("status \(reply.status)")
        }
    }
}
