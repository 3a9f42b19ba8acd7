/// Bunny, which takes one purge per request.
public struct BunnyPurger: EdgePurger {
    /// The name.
    public let name = "bunny"
    private let pullZone: Int
    private let key: EdgeSecret
    private let base: String

    /// What Bunny can, at the pace of its slowest kind.
    ///
    /// It knows nothing soft.
    public let capabilities = EdgeCapabilities(
        batch: [.tag: 1, .url: 1, .prefix: 1, .everything: 1],
        rate: .init(burst: 20, perSecond: 0.5),
        echoDelay: .seconds(10)
    )

    /// Makes a purger.
    ///
    /// - Parameters:
    ///   - pullZone: The number of the pull zone.
    ///   - key: The access key of the account.
    ///   - base: The URL of the interface.
    /// - Throws: ``EdgeError`` with the code `invalidConfiguration` if the URL has no scheme or no host.
    public init(pullZone: Int, key: EdgeSecret, base: String = "https://api.bunny.net") throws(EdgeError) {
        self.pullZone = pullZone
        self.key = key
        self.base = try EdgeURL.base(base)
    }

    /// One request for each selector, and one more for a tag with a short form.
    public func calls(
        for selectors: [EdgeSelector],
        isSoft: Bool,
        context: EdgeCallContext
    ) throws(EdgeError) -> [EdgeCall] {
        let access = EdgeCall.Field("AccessKey", key.value)
        let json = EdgeCall.Field("Content-Type", "application/json")
        let purge = "\(base)/purge?async=false&url="
        let zone = "\(base)/pullzone/\(pullZone)/purgeCache"
        var calls: [EdgeCall] = []
        for selector in selectors {
            switch selector {
            case .tag(let tag):
                calls += TagRules.bunny.purgedForms(of: tag)
                    .map {
                        EdgeCall("POST", zone, [access, json], body: "{\"CacheTag\":\(JSONText.string($0))}")
                    }
            case .url(let url): calls.append(EdgeCall("POST", purge + url.percentEncoded, [access]))
            case .prefix(let url): calls.append(EdgeCall("POST", purge + (url + "*").percentEncoded, [access]))
            case .everything: calls.append(EdgeCall("POST", zone, [access]))
            case .host: throw EdgeError(.unsupportedPurge, "Bunny purges by tag, by URL, by prefix, and everything.")
            }
        }
        return calls
    }
}
