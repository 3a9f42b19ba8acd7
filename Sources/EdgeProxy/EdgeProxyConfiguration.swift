public import HTTPCaching

/// The settings of a proxy.
public struct EdgeProxyConfiguration: Sendable {
    /// The host of the origin.
    public var originHost: String
    /// The port of the origin.
    public var originPort: Int
    /// The address to listen at.
    public var host = "127.0.0.1"
    /// The port to listen at; 0 for any that is free.
    public var port = 0
    /// What the proxy proves its name with; `nil` for plain HTTP/1.1.
    ///
    /// With it, clients may speak HTTP/2 as well.
    public var tls: TLSIdentity?
    /// The name in `Via` and `Cache-Status`.
    public var name = "larder"
    /// The rules of caching.
    public var rules: SharedCache.Configuration
    /// How many bytes all stored responses may take.
    public var capacity = 256 << 20
    /// The largest body that is stored, in bytes; larger ones are passed on.
    public var maximumStoredBody = 16 << 20
    /// How long a stale response is kept that the origin can confirm.
    public var validatorGrace: Duration = .seconds(86_400)
    /// What `PURGE` requests have to carry as `Authorization: Bearer …`; `nil` refuses them all.
    public var purgeToken: String?
    /// How many connections each of the threads keeps to the origin.
    public var maximumIdleConnections = 64
    /// How long a connection to the origin may take to be made.
    public var connectTimeout: Duration = .seconds(5)
    /// How long the origin may be silent.
    public var originTimeout: Duration = .seconds(30)
    /// How long a client may be silent within a request.
    public var clientTimeout: Duration = .seconds(15)
    /// How long a connection may be idle between requests.
    public var idleTimeout: Duration = .seconds(60)
    /// How long requests may take to end at a shutdown.
    public var shutdownTimeout: Duration = .seconds(10)
    /// How many connections may be open; further ones wait in the system's queue.
    public var maximumConnections = 20_000
    /// How many requests a client may have open at once on a connection of HTTP/2.
    public var maximumStreams = 100
    /// Whether what clients say in `Forwarded` and `X-Forwarded-…` of where they come from is passed on.
    ///
    /// It can be trusted if nobody but another proxy reaches this one.
    public var trustsForwarded = false
    /// Gets each request that was answered, on a thread that serves connections: it has to be quick.
    public var accessLog: (@Sendable (EdgeAccess) -> Void)?
    /// How many bytes the fields of a request or a response may have.
    public var maximumFieldBytes = 64 << 10
    /// How many fields a request or a response may have.
    public var maximumFields = 128

    /// Settings for an origin.
    ///
    /// - Parameters:
    ///   - originHost: The host of the origin.
    ///   - originPort: The port of the origin.
    public init(originHost: String, originPort: Int) {
        self.originHost = originHost
        self.originPort = originPort
        rules = SharedCache.Configuration()
        // What stands between clients and a single origin goes by the letter of RFC 9111, and helps when that fails.
        rules.setCookie = .withExplicitLifetime
        rules.staleIfError = .seconds(60)
    }

    /// Settings for an origin by its URL.
    ///
    /// - Parameter origin: A URL such as `http://127.0.0.1:8080`, without a path.
    /// - Throws: ``EdgeProxyError`` with the code `invalidConfiguration` for another scheme, or none.
    public init(origin: String) throws(EdgeProxyError) {
        let key = ResourceKey(scheme: "http", authority: "", path: "/").resolving(origin)
        guard let key, key.path == "/", key.origin.hasPrefix("http://") else {
            throw EdgeProxyError(
                .invalidConfiguration,
                "'\(origin)' is no origin. Give a URL such as http://127.0.0.1:8080, without a path."
            )
        }
        let (host, port) = try Self.address(String(key.origin.dropFirst(7)), standard: 80)
        self.init(originHost: host, originPort: port)
    }

    /// Reads a host and a port.
    ///
    /// - Parameters:
    ///   - text: As in `127.0.0.1:8080` or `[::1]:8080`.
    ///   - standard: The port if there is none.
    /// - Returns: The host and the port.
    /// - Throws: ``EdgeProxyError`` with the code `invalidConfiguration` if there is no host, or the port is no number.
    public static func address(_ text: String, standard: Int) throws(EdgeProxyError) -> (host: String, port: Int) {
        var host = text[...]
        var port = standard
        let tail = text.lastIndex(of: "]") ?? text.startIndex
        if let colon = text[tail...].lastIndex(of: ":") {
            guard let number = Int(text[text.index(after: colon)...]), (0...65_535).contains(number) else {
                throw EdgeProxyError(.invalidConfiguration, "'\(text)' has no port after its colon.")
            }
            port = number
            host = text[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty else { throw EdgeProxyError(.invalidConfiguration, "'\(text)' has no host.") }
        return (String(host), port)
    }
}
