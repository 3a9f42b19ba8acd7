import HTTPTypes
import NIOHTTP1

/// Between the messages of SwiftNIO and those of the rules.
enum Messages {
    /// The method as it is written: SwiftNIO writes one of them wrong, and its own form would reach the origin.
    static func name(of method: HTTPMethod) -> String { method == .MSEARCH ? "M-SEARCH" : method.rawValue }

    static func method(_ method: HTTPRequest.Method) -> HTTPMethod {
        method.rawValue == "M-SEARCH" ? .RAW(value: "M-SEARCH") : HTTPMethod(rawValue: method.rawValue)
    }

    /// The fields; `nil` if the name of one is none.
    static func fields(_ headers: HTTPHeaders) -> HTTPFields? {
        var fields = HTTPFields()
        fields.reserveCapacity(headers.count)
        for (name, value) in headers {
            guard let name = HTTPField.Name(name) else { return nil }
            fields.append(HTTPField(name: name, lenientValue: Array(value.utf8)))
        }
        return fields
    }

    static func headers(_ fields: HTTPFields, room: Int = 0) -> HTTPHeaders {
        var headers = HTTPHeaders()
        headers.reserveCapacity(fields.count + room)
        for field in fields { headers.add(name: field.name.rawName, value: field.value) }
        return headers
    }

    /// The request; `nil` if it is one that no proxy may pass on: without one host, or with a target of another form.
    static func request(_ head: HTTPRequestHead, scheme: String) -> HTTPRequest? {
        guard let method = HTTPRequest.Method(name(of: head.method)), var fields = fields(head.headers) else {
            return nil
        }
        let hosts = fields.filter { $0.name.canonicalName == "host" }.map(\.value)
        fields.removeAll { $0.name.canonicalName == "host" }
        var authority = hosts.first ?? ""
        var path = head.uri
        let prefix = scheme + "://"
        if path.count > prefix.count, path.prefix(prefix.count).lowercased() == prefix {
            // The host of the target beats the field, RFC 9112, section 3.2.2.
            let rest = path.dropFirst(prefix.count)
            let host = rest.prefix { $0 != "/" && $0 != "?" }
            authority = String(host)
            path = String(rest.dropFirst(host.count))
            if !path.hasPrefix("/") { path = "/" + path }
        }
        guard hosts.count == 1 || (hosts.isEmpty && head.version == .http1_0),
            path.hasPrefix("/") || (path == "*" && method == .options), isHost(authority)
        else { return nil }
        return HTTPRequest(method: method, scheme: scheme, authority: authority, path: path, headerFields: fields)
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

    static func requestHead(_ request: HTTPRequest) -> HTTPRequestHead {
        var headers = HTTPHeaders()
        headers.reserveCapacity(request.headerFields.count + 3)
        headers.add(name: "Host", value: request.authority ?? "")
        for field in request.headerFields { headers.add(name: field.name.rawName, value: field.value) }
        return HTTPRequestHead(
            version: .http1_1,
            method: method(request.method),
            uri: request.path ?? "/",
            headers: headers
        )
    }

    static func response(_ head: HTTPResponseHead) -> HTTPResponse? {
        guard let fields = fields(head.headers), (100...999).contains(Int(head.status.code)) else { return nil }
        let status = HTTPResponse.Status(code: Int(head.status.code), reasonPhrase: head.status.reasonPhrase)
        return HTTPResponse(status: status, headerFields: fields)
    }

    static func responseHead(_ response: HTTPResponse, room: Int = 0) -> HTTPResponseHead {
        HTTPResponseHead(
            version: .http1_1,
            status: HTTPResponseStatus(
                statusCode: response.status.code,
                reasonPhrase: response.status.reasonPhrase
            ),
            headers: headers(response.headerFields, room: room)
        )
    }
}
