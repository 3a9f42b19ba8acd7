/// `larder edge`: `PURGE` for URLs, for tags, and for everything, with a token.
///
/// Each purger speaks to one server; a fleet needs one for each.
public struct LarderPurger: EdgePurger {
    /// The name.
    public let name: String
    private let base: String
    private let token: EdgeSecret

    /// What it can.
    ///
    /// Tags travel in a field, and what is under way while a purge comes is not stored: once is enough.
    public let capabilities = EdgeCapabilities(batch: [.url: 1, .tag: 100, .everything: 1], soft: [.url, .tag])

    /// Makes a purger.
    ///
    /// - Parameters:
    ///   - base: The server, such as `http://10.0.0.7:8081`.
    ///   - token: The token that the server was given.
    ///   - name: The name, which must differ from those of other servers.
    /// - Throws: ``EdgeError`` with the code `invalidConfiguration` if the URL has no scheme or no host.
    public init(base: String, token: EdgeSecret, name: String = "larder") throws(EdgeError) {
        self.base = try EdgeURL.base(base)
        self.token = token
        self.name = name
    }

    /// One request for all tags, one for each URL.
    public func calls(
        for selectors: [EdgeSelector],
        isSoft: Bool,
        context: EdgeCallContext
    ) throws(EdgeError) -> [EdgeCall] {
        let access = EdgeCall.Field("Authorization", "Bearer \(token.value)")
        switch selectors.first?.kind {
        case .tag:
            let tags = EdgeCall.Field(
                isSoft ? "xkey-softpurge" : "xkey-purge",
                selectors.tags(.varnish).joined(separator: " ")
            )
            return [EdgeCall("PURGE", base + "/", [access, tags])]
        case .url:
            let mode = isSoft ? [EdgeCall.Field("x-purge-mode", "soft")] : []
            return try selectors.urls()
                .map { EdgeCall("PURGE", base + $0.path, [access, .init("Host", $0.host)] + mode) }
        case .everything: return [EdgeCall("PURGE", base + "/", [access, .init("x-purge-all", "1")])]
        default: throw EdgeError(.unsupportedPurge, "larder edge purges by tag, by URL, and everything.")
        }
    }
}
