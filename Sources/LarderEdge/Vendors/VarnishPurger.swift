/// Varnish with the configuration in `Deployment/Varnish`: `PURGE` for URLs, `PURGEKEYS` for tags by xkey, `BAN` for the rest.
///
/// Each purger speaks to one server; a fleet needs one for each.
public struct VarnishPurger: EdgePurger {
    /// The name.
    public let name: String
    /// The tags.
    public let rules: TagRules
    private let base: String

    /// What Varnish can.
    ///
    /// Tags travel in a field, which has 8 KiB at most.
    public var capabilities: EdgeCapabilities {
        EdgeCapabilities(
            batch: [.url: 1, .tag: 6_144 / (rules.maximumTagBytes + 16), .prefix: 1, .host: 1, .everything: 1],
            soft: [.url, .tag],
            echoDelay: .zero
        )
    }

    /// Makes a purger.
    ///
    /// - Parameters:
    ///   - base: The server, such as `http://10.0.0.7:6081`.
    ///   - name: The name, which must differ from those of other servers.
    ///   - rules: The tags.
    /// - Throws: ``EdgeError`` with the code `invalidConfiguration` if the URL has no scheme or no host.
    public init(
        base: String,
        name: String = "varnish",
        rules: TagRules = .varnish
    ) throws(EdgeError) {
        self.base = try EdgeURL.base(base)
        self.name = name
        self.rules = rules
    }

    /// One request for all tags, one for each other selector.
    public func calls(
        for selectors: [EdgeSelector],
        isSoft: Bool,
        context: EdgeCallContext
    ) throws(EdgeError) -> [EdgeCall] {
        switch selectors.first?.kind {
        case .tag:
            let field = isSoft ? "xkey-softpurge" : "xkey-purge"
            return [EdgeCall("PURGEKEYS", base + "/", [.init(field, selectors.tags(rules).joined(separator: " "))])]
        case .url:
            return try selectors.urls()
                .map { url in
                    EdgeCall(
                        "PURGE",
                        base + url.path,
                        [.init("Host", url.host)] + (isSoft ? [.init("x-purge-mode", "soft")] : [])
                    )
                }
        case .prefix:
            return try selectors.urls().map { ban($0.host, "^" + Self.quoted($0.path)) }
        case .host: return selectors.map { ban($0.text, ".") }
        case .everything: return [EdgeCall("BAN", base + "/", [.init("x-ban-all", "1")])]
        case nil: return []
        }
    }

    /// 404 says that nothing was stored, which is as good.
    ///
    /// A server that knows no purges passes them on to the origin, whose answer means nothing.
    public func outcome(of reply: EdgeReply) -> PurgeOutcome {
        switch reply.status {
        case 200: .done
        case 404 where reply.fields["x-purged-count"] != nil: .done
        case 429, 500..<600: .retry(after: reply.retryAfter, "status \(reply.status)")
        default: .rejected("status \(reply.status); does the server run the configuration for purges?")
        }
    }

    private func ban(_ host: String, _ pattern: String) -> EdgeCall {
        EdgeCall("BAN", base + "/", [.init("Host", host), .init("x-ban-url", pattern)])
    }

    private static func quoted(_ text: String) -> String {
        text.map { "\\^$.|?*+()[]{}".contains($0) ? "\\\($0)" : String($0) }.joined()
    }
}

extension EdgeURL {
    /// The URL of a server, without a slash at its end.
    static func base(_ url: String) throws(EdgeError) -> String {
        guard EdgeURL(url) != nil, !url.contains("?") else {
            throw EdgeError(
                .invalidConfiguration,
                "'\(url)' is no URL of a server. Give one such as http://127.0.0.1:6081."
            )
        }
        return url.hasSuffix("/") ? String(url.dropLast()) : url
    }
}
