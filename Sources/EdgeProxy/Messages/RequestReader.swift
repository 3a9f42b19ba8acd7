import HTTPTypes
import NIOHTTP1

/// Reads the requests of one connection.
///
/// A client says mostly the same in all its requests but for the target, so the fields of the last one are kept as they were
/// read, with the index that the rules have made of them.
struct RequestReader {
    private let scheme: String
    private var headers = HTTPHeaders()
    private var fields = HTTPFields()
    private var hosts: [String] = []

    init(scheme: String) {
        self.scheme = scheme
    }

    /// Reads a request.
    ///
    /// - Parameter head: What the client sent.
    /// - Returns: The request; `nil` if it is one that no proxy may pass on: without one host, or with a target of another
    ///   form.
    mutating func request(_ head: HTTPRequestHead) -> HTTPRequest? {
        guard let method = HTTPRequest.Method(Messages.name(of: head.method)), take(head.headers) else { return nil }
        var authority = hosts.first ?? ""
        var path = head.uri
        if path.utf8.first != UInt8(ascii: "/"), let (host, rest) = absolute(path) {
            // The host of the target beats the field, RFC 9112, section 3.2.2.
            authority = host
            path = rest
        }
        guard hosts.count == 1 || (hosts.isEmpty && head.version == .http1_0),
            path.utf8.first == UInt8(ascii: "/") || (path == "*" && method == .options), Self.isHost(authority)
        else { return nil }
        return HTTPRequest(method: method, scheme: scheme, authority: authority, path: path, headerFields: fields)
    }

    /// Reads the fields, unless they are those of the last request.
    private mutating func take(_ headers: HTTPHeaders) -> Bool {
        if headers.count == self.headers.count, headers.elementsEqual(self.headers, by: ==) { return true }
        guard var fields = Messages.fields(headers) else { return false }
        hosts = fields.filter { $0.name.canonicalName == "host" }.map(\.value)
        fields.removeAll { $0.name.canonicalName == "host" }
        self.fields = fields
        self.headers = headers
        return true
    }

    /// The host and the path of a target in absolute form.
    private func absolute(_ target: String) -> (host: String, path: String)? {
        let prefix = scheme + "://"
        guard target.count > prefix.count, target.prefix(prefix.count).lowercased() == prefix else { return nil }
        let rest = target.dropFirst(prefix.count)
        let host = rest.prefix { $0 != "/" && $0 != "?" }
        let path = String(rest.dropFirst(host.count))
        return (String(host), path.hasPrefix("/") ? path : "/" + path)
    }

    private static func isHost(_ text: String) -> Bool {
        text.utf8.allSatisfy { byte in
            switch byte {
            case 0...0x20, 0x7f...0xff: false
            case UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "@"), UInt8(ascii: ","): false
            default: true
            }
        }
    }
}
