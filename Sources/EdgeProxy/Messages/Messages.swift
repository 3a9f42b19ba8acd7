import HTTPTypes
import NIOCore
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

    /// The fields that an answer from the cache has whenever it has all of the body.
    ///
    /// - Returns: `nil` if other caches said something too, behind which this one has to put what it says.
    static func preparedHeaders(_ response: HTTPResponse, _ body: ByteBuffer, by name: String) -> HTTPHeaders? {
        guard response.status.code != 204, response.status.code != 304 else { return nil }
        var headers = headers(response.headerFields, room: 4)
        guard !headers.contains(name: "Cache-Status") else { return nil }
        headers.replaceOrAdd(name: "Content-Length", value: String(body.readableBytes))
        headers.add(name: "Via", value: "1.1 \(name)")
        return headers
    }

    static func response(_ head: HTTPResponseHead) -> HTTPResponse? {
        guard let fields = fields(head.headers), (100...999).contains(Int(head.status.code)) else { return nil }
        let status = HTTPResponse.Status(code: Int(head.status.code), reasonPhrase: head.status.reasonPhrase)
        return HTTPResponse(status: status, headerFields: fields)
    }

    static func status(_ status: HTTPResponse.Status) -> HTTPResponseStatus {
        HTTPResponseStatus(statusCode: status.code, reasonPhrase: status.reasonPhrase)
    }

    static func responseHead(_ response: HTTPResponse, room: Int = 0) -> HTTPResponseHead {
        HTTPResponseHead(
            version: .http1_1,
            status: status(response.status),
            headers: headers(response.headerFields, room: room)
        )
    }
}
