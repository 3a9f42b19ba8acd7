public import HTTPTypes

/// What responses are stored under: the URL of a resource in its normal form, RFC 9110, section 4.2.3.
public struct ResourceKey: Hashable, Sendable {
    /// The URL: scheme and host in lower case, without the port that the scheme implies, with a path.
    public let url: String

    /// How many bytes of the URL name the origin.
    private let originLength: Int

    /// The scheme, the host and the port.
    public var origin: String { String(decoding: url.utf8.prefix(originLength), as: UTF8.self) }

    /// The path and the query.
    public var path: String { String(decoding: url.utf8.dropFirst(originLength), as: UTF8.self) }

    /// Makes the key of a request.
    ///
    /// - Parameter request: The request; without a scheme it counts as one of `http`, without an authority as one of no
    ///   host in particular.
    public init(_ request: HTTPRequest) {
        self.init(
            scheme: request.scheme ?? "http",
            authority: request.authority ?? "",
            path: request.path ?? "/"
        )
    }

    /// Makes the key of a URL in its parts.
    ///
    /// - Parameters:
    ///   - scheme: The scheme, such as `https`.
    ///   - authority: The host, and the port after a colon.
    ///   - path: The path, and the query after a question mark.
    public init(scheme: String, authority: String, path: String) {
        let scheme = scheme.lowercased()
        var authority = authority.lowercased()
        let implied = scheme == "https" ? ":443" : ":80"
        if authority.hasSuffix(implied) { authority.removeLast(implied.count) }
        let origin = "\(scheme)://\(authority)"
        originLength = origin.utf8.count
        url = origin + (path.hasPrefix("/") ? path : "/" + path)
    }

    /// Whether two keys are the same.
    public static func == (left: ResourceKey, right: ResourceKey) -> Bool { left.url == right.url }

    /// Hashes the URL.
    public func hash(into hasher: inout Hasher) { hasher.combine(url) }
}

extension ResourceKey: CustomStringConvertible {
    /// The URL.
    public var description: String { url }
}
