import EdgeProxy
import MemoryCache
import NIOHTTP1
import Testing

/// What the rules decide, as clients of a real proxy see it.
@Suite("Reuse through the proxy", .timeLimit(.minutes(10)))
struct ReuseTests {
    @Test(
        "any final status is stored while it is fresh, and not served when it is stale",
        arguments: [
            200, 203, 204, 299, 301, 302, 303, 307, 308, 400, 404, 410, 499, 500, 502, 503, 504, 599,
        ]
    )
    func statuses(_ status: Int) async throws {
        let clock = MovableClock()
        let expires = clock.date(60)
        try await ProxyHarness.run(clock: clock) { received in
            .init(
                status: status,
                fields: [("Expires", expires), ("Cache-Control", "must-revalidate")],
                body: status == 204 ? "" : received.head.uri
            )
        } _: { proxy in
            for isHit in [false, true] {
                let reply = try await proxy.get("/a")
                #expect(reply.status == status && reply.isHit == isHit && reply.body == (status == 204 ? "" : "/a"))
            }
            clock.wait(61)
            let reply = try await proxy.get("/a")
            #expect(reply.status == status && !reply.isHit)
        }
    }

    @Test(
        "methods that may change things remove their URL and those they name, if they succeed",
        arguments: [
            "POST", "PUT", "DELETE", "M-SEARCH", "PATCH",
        ]
    )
    func methods(_ method: String) async throws {
        let status = Locked(200)
        try await ProxyHarness.run { received in
            guard received.head.method != .GET else {
                return .init(fields: [("Cache-Control", "max-age=60")], body: "x")
            }
            let fields = [("Location", "/b"), ("Content-Location", "c")]
            return .init(status: status.withLock { $0 }, fields: fields, body: "changed")
        } _: { proxy in
            for (code, isRemoved) in [(500, false), (200, true)] {
                for path in ["/a", "/b", "/c", "/d"] { _ = try await proxy.get(path) }
                status.withLock { $0 = code }
                #expect(try await proxy.get("/a", method: method, body: "abc").body == "changed")
                for path in ["/a", "/b", "/c"] { #expect(try await proxy.get(path).isHit != isRemoved, "\(path)") }
                #expect(try await proxy.get("/d").isHit)
            }
            let asked = proxy.origin.received.filter { $0.head.method != .GET }
            #expect(asked.allSatisfy { $0.body == "abc" })
        }
    }

    @Test("what a POST made and showed at its own URL is stored, and holds against its own purge alone")
    func posted() async throws {
        try await ProxyHarness.run { received in
            .init(
                fields: [("Cache-Control", "max-age=60"), ("Content-Location", received.head.uri)],
                body: "\(received.head.method) \(received.body)"
            )
        } _: { proxy in
            _ = try await proxy.get("/a")
            _ = try await proxy.get("/a", method: "POST", body: "1")
            let reply = try await proxy.get("/a")
            #expect(reply.isHit && reply.body == "POST 1")
            #expect(try await proxy.get("/a", [("Authorization", "Bearer token")], method: "PURGE").status == 200)
            #expect(try await !proxy.get("/a").isHit)
        }
    }

    @Test(
        "a connection that breaks is met with what is stale, unless that is forbidden",
        arguments: [
            ("max-age=2", true), ("max-age=2, stale-if-error=60", true), ("max-age=2, must-revalidate", false),
            ("max-age=2, proxy-revalidate", false), ("max-age=2, no-cache", false), ("max-age=2, s-maxage=2", false),
            ("max-age=2, stale-if-error=0", false),
        ]
    )
    func broken(_ directives: String, _ isServed: Bool) async throws {
        let clock = MovableClock()
        let isDown = Locked(false)
        try await ProxyHarness.run(clock: clock) { _ in
            var answer = ScriptedOrigin.Answer(fields: [("Cache-Control", directives), ("ETag", "\"a\"")], body: "old")
            answer.breaks = isDown.withLock { $0 }
            return answer
        } _: { proxy in
            _ = try await proxy.get("/a")
            clock.wait(3)
            isDown.withLock { $0 = true }
            let reply = try await proxy.get("/a")
            #expect(reply.status == (isServed ? 200 : 502) && reply.body == (isServed ? "old" : ""))
        }
    }

    @Test("a stale response is served at once within its grace, and fetched anew by one request behind its back")
    func whileRevalidate() async throws {
        let clock = MovableClock()
        try await ProxyHarness.run(clock: clock) { received in
            .init(
                fields: [("Cache-Control", "max-age=1, stale-while-revalidate=60")],
                body: received.head.headers.first(name: "X") ?? "new"
            )
        } _: { proxy in
            _ = try await proxy.get("/a", [("X", "old")])
            clock.wait(3)
            let reply = try await proxy.get("/a")
            #expect(reply.isHit && reply.body == "old")
            while try await proxy.get("/a").body == "old" { try await Task.sleep(for: .milliseconds(5)) }
            #expect(proxy.origin.received.count == 2)
        }
    }
}

@Suite("Origins that cannot be trusted", .timeLimit(.minutes(10)))
struct BrokenOriginTests {
    @Test(
        "an answer that is none, or may be read in two ways, reaches nobody",
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
            "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello", "HTTP/1.1 2x0 OK\r\n\r\n", "nonsense\r\n\r\n",
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
            "HTTP/1.1 200 OK\r\nBig: \(String(repeating: "x", count: 100_000))\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\((0..<500).map { "F\($0): x\r\n" }.joined())\r\n",
        ]
    )
    func malformed(_ answer: String) async throws {
        try await ProxyHarness.run(RawOrigin(answer)) { proxy in
            let reply = try await proxy.get("/a")
            #expect(reply.status == 502 && reply.body.isEmpty)
        }
    }

    @Test("what an origin sends behind its answer belongs to nobody else's")
    func surplus() async throws {
        let answer =
            "HTTP/1.1 200 OK\r\nCache-Control: max-age=1\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\nbad"
        try await ProxyHarness.run(RawOrigin(answer)) { proxy in
            for path in ["/a", "/b", "/c"] {
                let reply = try await proxy.get(path)
                #expect(reply.body == "ok")
            }
        }
    }

    @Test("a body that ends early is stored by nobody, and its client sees that it broke")
    func truncated() async throws {
        let answer = "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 100\r\n\r\nhalf"
        let origin = RawOrigin(answer)
        try await ProxyHarness.run(origin) { configuration in
            configuration.originTimeout = .milliseconds(200)
        } _: { proxy in
            for _ in 0..<2 {
                let text = try await proxy.exchange("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(text.hasSuffix("half") && text.contains("Content-Length: 100"))
            }
            #expect(origin.requests == 2)
        }
    }
}
