/// Amazon CloudFront, whose price is per path or tag: it is asked once, without an echo.
public struct CloudFrontPurger: EdgePurger {
    /// The name.
    public let name = "cloudfront"
    private let distribution: String
    private let signature: AWSSignature
    private let base: String

    /// What CloudFront can: 3,000 paths in progress, 15 of them with a star.
    ///
    /// It knows nothing soft.
    public let capabilities = EdgeCapabilities(
        batch: [.tag: 500, .url: 1_000, .prefix: 15, .everything: 1],
        rate: .init(burst: 1, perSecond: 0.2)
    )

    /// Makes a purger.
    ///
    /// - Parameters:
    ///   - distribution: The identifier of the distribution.
    ///   - accessKey: The identifier of the access key.
    ///   - secretKey: The secret of the access key.
    ///   - sessionToken: The token of temporary credentials, or `nil` for others.
    ///   - base: The URL of the interface.
    /// - Throws: ``EdgeError`` with the code `invalidConfiguration` if the URL has no scheme or no host.
    public init(
        distribution: String,
        accessKey: String,
        secretKey: EdgeSecret,
        sessionToken: EdgeSecret? = nil,
        base: String = "https://cloudfront.amazonaws.com"
    ) throws(EdgeError) {
        self.distribution = distribution
        self.base = try EdgeURL.base(base)
        signature = AWSSignature(
            accessKey: accessKey,
            secretKey: secretKey,
            sessionToken: sessionToken,
            region: "us-east-1",
            service: "cloudfront"
        )
    }

    /// One request for the whole batch; its reference makes CloudFront answer a repetition with the first invalidation.
    public func calls(
        for selectors: [EdgeSelector],
        isSoft: Bool,
        context: EdgeCallContext
    ) throws(EdgeError) -> [EdgeCall] {
        let paths = try paths(selectors)
        let items = paths.map { "<Path>\(Self.escaped($0))</Path>" }.joined()
        let body =
            "<InvalidationBatch xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\">"
            + "<CallerReference>\(Self.escaped(context.identifier))</CallerReference>"
            + "<Paths><Items>\(items)</Items><Quantity>\(paths.count)</Quantity></Paths></InvalidationBatch>"
        let call = EdgeCall(
            "POST",
            "\(base)/2020-05-31/distribution/\(distribution)/invalidation",
            [.init("Content-Type", "text/xml")],
            body: body
        )
        return [try signature.signed(call, at: context.secondsSince1970)]
    }

    private func paths(_ selectors: [EdgeSelector]) throws(EdgeError) -> [String] {
        switch selectors.first?.kind {
        case .tag: selectors.tags(.cloudFront).map { "#" + $0 }
        case .url: try selectors.urls().map(\.path)
        case .prefix: try selectors.urls().map { $0.path + "*" }
        case .everything: ["/*"]
        default: throw EdgeError(.unsupportedPurge, "CloudFront purges by tag, by path, by prefix, and everything.")
        }
    }

    /// As many invalidations as are in progress at once are refused with 400.
    public func outcome(of reply: EdgeReply) -> PurgeOutcome {
        switch reply.status {
        case 200..<300: .done
        case 400 where reply.body.contains("TooManyInvalidationsInProgress"),
            400 where reply.body.contains("Throttling"):
            .retry(after: .seconds(30), "too many invalidations in progress")
        case 400 where reply.body.contains("BatchTooLarge"), 413: .split("the batch is too large")
        case 408, 429, 500..<600: .retry(after: reply.retryAfter, "status \(reply.status)")
        default: .rejected("status \(reply.status)")
        }
    }

    private static func escaped(_ text: String) -> String {
        text.map { ["&": "&amp;", "<": "&lt;", ">": "&gt;"][$0] ?? String($0) }.joined()
    }
}
