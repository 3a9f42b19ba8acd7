public import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// Sends requests with an HTTP client that the application has already, or with the one that all share.
public struct HTTPEdgeTransport: EdgeTransport {
    /// How much of the body of an answer is read.
    private static let maximumBody = 64 << 10

    private let client: HTTPClient

    /// Makes a transport.
    ///
    /// - Parameter client: The client, which its owner shuts down. It should not follow redirects: a purge is meant for
    ///   the server that it was sent to.
    public init(client: HTTPClient = .shared) {
        self.client = client
    }

    /// Sends a request.
    ///
    /// Nothing of it is logged, since fields carry secrets.
    public func send(_ call: EdgeCall, timeout: Duration) async throws -> EdgeReply {
        var request = HTTPClientRequest(url: call.url)
        request.method = HTTPMethod(rawValue: call.method)
        for field in call.fields { request.headers.add(name: field.name, value: field.value) }
        if !call.body.isEmpty { request.body = .bytes(ByteBuffer(string: call.body)) }
        let nanoseconds = min(timeout, .seconds(3_600)) / .nanoseconds(1)
        let response = try await client.execute(request, timeout: .nanoseconds(Int64(nanoseconds)))
        var fields: [String: String] = [:]
        for (name, value) in response.headers { fields[name.lowercased()] = value }
        let body = try await Self.beginning(of: response.body)
        return EdgeReply(status: Int(response.status.code), fields: fields, body: body)
    }

    /// The body up to the limit; the rest is not waited for.
    private static func beginning(of body: HTTPClientResponse.Body) async throws -> String {
        var bytes = ByteBuffer()
        for try await part in body {
            bytes.writeImmutableBuffer(part)
            if bytes.readableBytes >= maximumBody { break }
        }
        return String(decoding: bytes.readableBytesView.prefix(maximumBody), as: UTF8.self)
    }
}
