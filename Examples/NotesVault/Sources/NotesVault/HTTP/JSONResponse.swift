import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// Answers in JSON.
enum JSONResponse {
    /// A value with the status 200.
    static func ok(_ value: some Encodable) throws -> Response {
        try make(value, status: .ok)
    }

    /// A value with a status.
    static func make(_ value: some Encodable, status: HTTPResponse.Status) throws -> Response {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data = try encoder.encode(value)
        return Response(
            status: status,
            headers: [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: data))
        )
    }

    /// What an error is told as: `{"error": {"message": …}}`.
    static func error(_ message: String, status: HTTPResponse.Status) throws -> Response {
        struct Content: Encodable {
            struct Details: Encodable { let message: String }
            let error: Details
        }
        return try make(Content(error: .init(message: message)), status: status)
    }
}
