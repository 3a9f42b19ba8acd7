import EdgeProxy
import MemoryCache
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing

@Suite("Connections of clients", .timeLimit(.minutes(10)))
struct ConnectionTests {
    private static let request = "GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

    private func connect(_ proxy: ProxyHarness) async throws -> any Channel {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: proxy.port).get()
    }

    @Test("a thousand idle connections keep nobody from being served, and are closed at their time")
    func idle() async throws {
        try await ProxyHarness.run { _ in
            .init(body: "x")
        } configure: { configuration in
            configuration.idleTimeout = .seconds(3)
        } _: { proxy in
            var idle: [any Channel] = []
            for _ in 0..<1_000 { idle.append(try await connect(proxy)) }
            #expect(try await proxy.exchange(Self.request).hasSuffix("x"))
            for channel in idle { try await channel.closeFuture.get() }
        }
    }

    @Test("beyond the limit connections wait until another one is closed")
    func limit() async throws {
        try await ProxyHarness.run { _ in
            .init(body: "x")
        } configure: { configuration in
            configuration.maximumConnections = 2
        } _: { proxy in
            // As many as are taken at once, and no less than the limit.
            var idle: [any Channel] = []
            for _ in 0..<8 { idle.append(try await connect(proxy)) }
            let answered = Locked(false)
            async let late = {
                let text = try await proxy.exchange(Self.request)
                answered.withLock { $0 = true }
                return text
            }()
            try await Task.sleep(for: .milliseconds(50))
            #expect(!answered.withLock { $0 })
            for channel in idle { try await channel.close() }
            let text = try await late
            #expect(text.hasSuffix("x"))
        }
    }

    @Test("a shutdown lets the request that is under way end, and takes no further one")
    func shutdown() async throws {
        let isReady = Locked(false)
        try await ProxyHarness.run { _ in
            ScriptedOrigin.Answer(body: "late", waits: { isReady.withLock { $0 } })
        } _: { proxy in
            async let reply = proxy.exchange("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
            while proxy.origin.received.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            let idle = try await connect(proxy)
            proxy.stop()
            try await idle.closeFuture.get()
            isReady.withLock { $0 = true }
            let text = try await reply
            #expect(text.hasSuffix("late"))
            await #expect(throws: (any Error).self) { try await connect(proxy) }
        }
    }

    @Test("the origin is told who asks, by what the proxy knows and not by what clients say")
    func forwarded() async throws {
        for isTrusted in [false, true] {
            try await ProxyHarness.run { _ in
                .init(body: "x")
            } configure: { configuration in
                configuration.trustsForwarded = isTrusted
            } _: { proxy in
                _ = try await proxy.get("/a", [("Forwarded", "for=1.2.3.4"), ("X-Forwarded-For", "1.2.3.4")])
                let headers = proxy.origin.received[0].head.headers
                let own = "for=127.0.0.1;host=example.org;proto=http"
                #expect(headers["Forwarded"] == (isTrusted ? ["for=1.2.3.4", own] : [own]))
                #expect(headers["X-Forwarded-For"] == (isTrusted ? ["1.2.3.4"] : []))
            }
        }
    }

    @Test("each request is told to the access log once, with what the cache did")
    func accessLog() async throws {
        let log = AsyncStream<EdgeAccess>.makeStream()
        try await ProxyHarness.run { _ in
            .init(fields: [("Cache-Control", "max-age=60")], body: "hello")
        } configure: { configuration in
            configuration.accessLog = { log.continuation.yield($0) }
        } _: { proxy in
            _ = try await proxy.get("/a")
            _ = try await proxy.get("/a")
            _ = try await proxy.get("/a", method: "PURGE")
        }
        log.continuation.finish()
        var all: [EdgeAccess] = []
        for await access in log.stream { all.append(access) }
        #expect(all.map(\.status) == [200, 200, 403] && all.map(\.bytes) == [5, 5, 0])
        #expect(all.allSatisfy { $0.client == "127.0.0.1" && $0.url == "http://example.org/a" })
        #expect(all.map { $0.cacheStatus.contains("hit") } == [false, true, false])
    }
}
