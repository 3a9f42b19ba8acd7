import HTTPCaching
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import LarderHummingbird
import Logging
import MemoryCache
import NIOCore

/// An application with one route behind a response cache, whose handler a test writes.
struct ResponseCacheHarness: Sendable {
    typealias Handler = @Sendable (Request) async throws -> Response

    let cache: ResponseCache
    private let application: Application<RouterResponder<BasicRequestContext>>
    private let tally: Tally

    /// What the handler and the clock share with the test.
    private final class Tally: Sendable {
        let seconds = Locked<Int64>(0)
        let count = Locked(0)
    }

    init(_ configuration: ResponseCacheConfiguration = .init(), handler: @escaping Handler) throws {
        let tally = Tally()
        cache = try ResponseCache(
            configuration,
            clock: ResponseClock {
                let now = tally.seconds.withLock { $0 }
                return HTTPMoment(date: HTTPDate(secondsSince1970: 1_800_000_000 + now), uptime: .seconds(1_000 + now))
            }
        )
        self.tally = tally
        let router = Router()
        router.add(middleware: ResponseCacheMiddleware(cache))
        for method in [HTTPRequest.Method.get, .post, .delete] {
            router.on("**", method: method) { request, _ in
                tally.count.withLock { $0 += 1 }
                return try await handler(request)
            }
        }
        router.on("**", method: .head) { request, _ in
            tally.count.withLock { $0 += 1 }
            return try await handler(request).createHeadResponse()
        }
        application = Application(responder: router.buildResponder(), logger: Logger(label: "test"))
    }

    /// How often the handler ran.
    var runs: Int { tally.count.withLock { $0 } }

    func wait(_ seconds: Int64) { tally.seconds.withLock { $0 += seconds } }

    struct Reply: Sendable {
        var status: Int
        var body: String
        var fields: HTTPFields

        subscript(name: String) -> String? { HTTPField.Name(name).flatMap { fields[$0] } }
        var isHit: Bool { self["Cache-Status"]?.contains("hit") == true }
    }

    func send(
        _ path: String = "/a",
        _ fields: [(String, String)] = [],
        method: HTTPRequest.Method = .get,
        body: String? = nil
    ) async throws -> Reply {
        var headers = HTTPFields()
        for (name, value) in fields {
            if let name = HTTPField.Name(name) { headers.append(HTTPField(name: name, value: value)) }
        }
        return try await application.test(.router) { [headers] client in
            try await client.execute(
                uri: path,
                method: method,
                headers: headers,
                body: body.map { ByteBuffer(string: $0) }
            ) {
                Reply(status: $0.status.code, body: String(buffer: $0.body), fields: $0.headers)
            }
        }
    }

    static func response(_ fields: [(String, String)], body: String = "hello")
        -> Response
    {
        var headers = HTTPFields()
        for (name, value) in fields {
            if let name = HTTPField.Name(name) { headers.append(HTTPField(name: name, value: value)) }
        }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: body)))
    }
}
