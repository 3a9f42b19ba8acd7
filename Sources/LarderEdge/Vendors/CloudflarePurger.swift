/// Cloudflare.
public struct CloudflarePurger: EdgePurger {
    /// The name.
    public let name = "cloudflare"
    private let zone: String
    private let token: EdgeSecret
    private let base: String

    /// What Cloudflare can.
    ///
    /// It knows nothing soft.
    public let capabilities: EdgeCapabilities

    /// Makes a purger.
    ///
    /// - Parameters:
    ///   - zone: The identifier of the zone.
    ///   - token: A token with the permission to purge.
    ///   - rate: How many requests the plan allows, for all zones of the account; unless given those of the plan Pro.
    ///   - base: The URL of the interface.
    /// - Throws: ``EdgeError`` with the code `invalidConfiguration` if the URL has no scheme or no host.
    public init(
        zone: String,
        token: EdgeSecret,
        rate: EdgeCapabilities.Rate = .init(burst: 25, perSecond: 5),
        base: String = "https://api.cloudflare.com"
    ) throws(EdgeError) {
        self.zone = zone
        self.token = token
        self.base = try EdgeURL.base(base)
        // A tag may have two forms, and 100 items are taken.
        capabilities = EdgeCapabilities(
            batch: [.tag: 50, .url: 100, .prefix: 100, .host: 100, .everything: 1],
            rate: rate,
            echoDelay: .seconds(3)
        )
    }

    /// One request for the whole batch.
    public func calls(
        for selectors: [EdgeSelector],
        isSoft: Bool,
        context: EdgeCallContext
    ) throws(EdgeError) -> [EdgeCall] {
        let body: String
        switch selectors.first?.kind {
        case .tag: body = "{\"tags\":\(JSONText.list(selectors.tags(.cloudflare)))}"
        case .url: body = "{\"files\":\(JSONText.list(selectors.texts))}"
        case .prefix: body = "{\"prefixes\":\(JSONText.list(try prefixes(selectors)))}"
        case .host: body = "{\"hosts\":\(JSONText.list(selectors.texts))}"
        case .everything: body = "{\"purge_everything\":true}"
        case nil: return []
        }
        let fields: [EdgeCall.Field] = [
            .init("Authorization", "Bearer \(token.value)"), .init("Content-Type", "application/json"),
        ]
        return [EdgeCall("POST", "\(base)/client/v4/zones/\(zone)/purge_cache", fields, body: body)]
    }

    /// Prefixes have no scheme and no query.
    private func prefixes(_ selectors: [EdgeSelector]) throws(EdgeError) -> [String] {
        try selectors.urls().map { $0.host + $0.path.prefix { $0 != "?" } }
    }

    /// A status of 200 with `"success":false` is no success.
    public func outcome(of reply: EdgeReply) -> PurgeOutcome {
        switch reply.status {
        case 200 where reply.body.filter { !$0.isWhitespace }.contains("\"success\":false"):
            .rejected("the answer says that it was no success")
        case 200..<300: .done
        case 413: .split("413")
        case 408, 429, 500..<600: .retry(after: reply.retryAfter, "status \(reply.status)")
        default: .rejected("status \(reply.status)")
        }
    }
}
