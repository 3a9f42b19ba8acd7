public import AsyncHTTPClient
import Foundation
public import Larder
import NIOCore
import NIOFoundationCompat
import NIOHTTP1

/// Tells a web service of alerts, as JSON in the body of a `POST`.
///
/// ```json
/// {"rule": "load-errors", "namespace": "users", "state": "firing", "value": 0.4, "limit": 0.1,
///  "since": "2026-05-01T10:00:00Z", "summary": "load-errors of users is firing: 0.4, with a limit of 0.1"}
/// ```
public struct WebhookAlertHandler: AlertHandler {
    /// The service refused an alert.
    public struct Refusal: Error, CustomStringConvertible {
        /// The status of its response.
        public let status: Int

        /// What came back, and what to do.
        public var description: String { "the webhook answered \(status); check its address and its credentials" }
    }

    private struct Body: Encodable {
        let alert: Alert

        enum Key: String, CodingKey {
            case summary
        }

        func encode(to encoder: any Encoder) throws {
            try alert.encode(to: encoder)
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(alert.summary, forKey: .summary)
        }
    }

    private let url: String
    private let headers: [String: String]
    private let timeout: Duration
    private let client: HTTPClient

    /// Makes a handler.
    ///
    /// - Parameters:
    ///   - url: Where to send alerts.
    ///   - headers: What to send along, such as credentials.
    ///   - timeout: How long one request may take.
    ///   - client: What sends; that of the process unless given.
    public init(
        url: String,
        headers: [String: String] = [:],
        timeout: Duration = .seconds(10),
        client: HTTPClient = .shared
    ) {
        self.url = url
        self.headers = headers
        self.timeout = timeout
        self.client = client
    }

    /// Sends an alert.
    ///
    /// - Throws: ``Refusal`` for a status other than those of success, or what kept the request from being answered.
    public func handle(_ alert: Alert) async throws {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = .sortedKeys
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
        request.body = .bytes(ByteBuffer(data: try encoder.encode(Body(alert: alert))))
        let (seconds, attoseconds) = timeout.components
        let response = try await client.execute(
            request,
            timeout: .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
        )
        guard (200..<300).contains(response.status.code) else { throw Refusal(status: Int(response.status.code)) }
    }
}
