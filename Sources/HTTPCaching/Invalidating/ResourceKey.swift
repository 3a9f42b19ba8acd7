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
        var url = Self.lowercased(scheme)
        let implied = url == "https" ? ":443" : ":80"
        url.reserveCapacity(url.utf8.count + authority.utf8.count + path.utf8.count + 4)
        url += "://"
        url += Self.lowercased(authority)
        if url.utf8.suffix(implied.utf8.count).elementsEqual(implied.utf8) { url.removeLast(implied.utf8.count) }
        originLength = url.utf8.count
        if path.utf8.first != UInt8(ascii: "/") { url += "/" }
        url += path
        self.url = url
    }

    /// The text in lower case; most texts are so already, and cost nothing.
    private static func lowercased(_ text: String) -> String {
        text.utf8.allSatisfy { !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) && $0 < 0x80 }
            ? text : text.lowercased()
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
