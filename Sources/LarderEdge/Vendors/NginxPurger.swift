/// nginx with the module `cache_purge`, in its form with a location of its own: `GET /purge/path`.
///
/// It purges one URL in the one variant that the request has, and nothing else. The other form of the module, with the
/// method `PURGE`, kills the worker process, and is not used.
public struct NginxPurger: EdgePurger {
    /// The name.
    public let name: String
    private let base: String

    /// What nginx can.
    public let capabilities = EdgeCapabilities(batch: [.url: 1], echoDelay: .zero)

    /// Makes a purger.
    ///
    /// - Parameters:
    ///   - base: The server and the location, such as `http://10.0.0.7:8080/purge`.
    ///   - name: The name, which must differ from those of other servers.
    /// - Throws: ``EdgeError`` with the code `invalidConfiguration` if the URL has no scheme or no host.
    public init(base: String, name: String = "nginx") throws(EdgeError) {
        self.base = try EdgeURL.base(base)
        self.name = name
    }

    /// One request for each URL.
    public func calls(
        for selectors: [EdgeSelector],
        isSoft: Bool,
        context: EdgeCallContext
    ) throws(EdgeError) -> [EdgeCall] {
        try selectors.urls().map { EdgeCall("GET", base + $0.path, [.init("Host", $0.host)]) }
    }

    /// 404 says that nothing was stored, which is as good.
    public func outcome(of reply: EdgeReply) -> PurgeOutcome {
        switch reply.status {
        case 200, 404: .done
        case 429, 500..<600: .retry(after: reply.retryAfter, "status \(reply.status)")
        default: .rejected("status \(reply.status)")
        }
    }
}
