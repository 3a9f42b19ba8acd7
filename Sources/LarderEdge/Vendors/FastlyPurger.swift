/// Fastly.
public struct FastlyPurger: EdgePurger {
    /// The name.
    public let name = "fastly"
    private let service: String
    private let token: EdgeSecret
    private let base: String

    /// What Fastly can: 128 tags per request, each in up to two forms, of which 256 are taken.
    public let capabilities = EdgeCapabilities(
        batch: [.tag: 128, .url: 1, .everything: 1],
        soft: [.tag, .url],
        rate: .init(burst: 100, perSecond: 25),
        echoDelay: .seconds(2)
    )

    /// Makes a purger.
    ///
    /// - Parameters:
    ///   - service: The identifier of the service.
    ///   - token: A token that may purge.
    ///   - base: The URL of the interface.
    /// - Throws: ``EdgeError`` with the code `invalidConfiguration` if the URL has no scheme or no host.
    public init(service: String, token: EdgeSecret, base: String = "https://api.fastly.com") throws(EdgeError) {
        self.service = service
        self.token = token
        self.base = try EdgeURL.base(base)
    }

    /// One request for all tags, one for each URL.
    ///
    /// Everything is never soft.
    public func calls(
        for selectors: [EdgeSelector],
        isSoft: Bool,
        context: EdgeCallContext
    ) throws(EdgeError) -> [EdgeCall] {
        var fields: [EdgeCall.Field] = [.init("Fastly-Key", token.value), .init("Accept", "application/json")]
        if isSoft { fields.append(.init("Fastly-Soft-Purge", "1")) }
        switch selectors.first?.kind {
        case .tag:
            return [
                EdgeCall(
                    "POST",
                    "\(base)/service/\(service)/purge",
                    fields + [.init("Content-Type", "application/json")],
                    body: "{\"surrogate_keys\":\(JSONText.list(selectors.tags(.fastly)))}"
                )
            ]
        case .url: return try selectors.urls().map { EdgeCall("POST", "\(base)/purge/\($0.host)\($0.path)", fields) }
        case .everything: return [EdgeCall("POST", "\(base)/service/\(service)/purge_all", fields)]
        default: throw EdgeError(.unsupportedPurge, "Fastly purges by tag, by URL, and everything.")
        }
    }
}
