import EdgeProxy
import MemoryCache
import NIOHTTP1
import Testing

@Suite("The caching proxy", .timeLimit(.minutes(10)))
struct EdgeProxyTests {
    private static let fresh = ScriptedOrigin.Answer(fields: [("Cache-Control", "max-age=60")], body: "hello")

    @Test("a response is fetched once and served from then on, with its age")
    func hit() async throws {
        try await ProxyHarness.run { _ in
            Self.fresh
        } _: { proxy in
            let first = try await proxy.get("/a")
            let second = try await proxy.get("/a")
            #expect(first.status == 200 && first.body == "hello" && !first.isHit)
            #expect(second.status == 200 && second.body == "hello" && second.isHit)
            #expect(second["Age"] != nil && second["Content-Length"] == "5" && second["Via"] == "1.1 larder")
            #expect(proxy.origin.received.count == 1)
            #expect(proxy.origin.received[0].head.headers["Via"] == ["1.1 larder"])
            let head = try await proxy.get("/a", method: "HEAD")
            #expect(head.isHit && head.body.isEmpty && head["Content-Length"] == "5")
            let part = try await proxy.get("/a", [("Range", "bytes=1-2")])
            #expect(part.status == 206 && part.body == "el" && part["Content-Range"] == "bytes 1-2/5")
        }
    }

    @Test("fifty parallel misses of one URL are one request to the origin")
    func coalescing() async throws {
        try await ProxyHarness.run { _ in
            var answer = Self.fresh
            answer.delay = .milliseconds(300)
            return answer
        } _: { proxy in
            try await withThrowingTaskGroup { group in
                for _ in 0..<50 { group.addTask { try await proxy.get("/a") } }
                for try await reply in group { #expect(reply.status == 200 && reply.body == "hello") }
            }
            #expect(proxy.origin.received.count == 1)
        }
    }

    @Test(
        "parallel requests that no stored response can answer do not wait for each other",
        arguments: [
            ([("Cache-Control", "no-store")], []), ([("Cache-Control", "private, max-age=60")], []),
            ([("Cache-Control", "no-cache"), ("ETag", "\"a\"")], []), ([("Cache-Control", "max-age=60")], ["no-cache"]),
        ] as [([(String, String)], [String])]
    )
    func uncacheable(_ fields: [(String, String)], _ wishes: [String]) async throws {
        let count = Locked(0)
        // All but the first are answered once they are all there: one after another they would be answered never.
        try await ProxyHarness.run { _ in
            let number = count.withLock { count in
                count += 1
                return count
            }
            var answer = ScriptedOrigin.Answer(fields: fields, body: "own")
            if number > 1 { answer.waits = { count.withLock { $0 >= 20 } } }
            return answer
        } _: { proxy in
            try await withThrowingTaskGroup { group in
                for _ in 0..<20 { group.addTask { try await proxy.get("/a", wishes.map { ("Cache-Control", $0) }) } }
                for try await reply in group { #expect(reply.body == "own") }
            }
            #expect(proxy.origin.received.count == 20)
        }
    }

    @Test("a client that leaves takes nobody's answer with it")
    func leavingLeader() async throws {
        try await ProxyHarness.run { _ in
            var answer = Self.fresh
            answer.delay = .milliseconds(300)
            return answer
        } _: { proxy in
            let leader = Task { try await proxy.get("/a") }
            while proxy.origin.received.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            async let follower = proxy.get("/a")
            try await Task.sleep(for: .milliseconds(50))
            leader.cancel()
            let body = try await follower.body
            #expect(body == "hello")
            #expect(try await proxy.get("/a").isHit)
        }
    }

    @Test("bodies of requests reach the origin, and unsafe methods remove what is stored")
    func unsafe() async throws {
        try await ProxyHarness.run {
            $0.head.method == .GET ? Self.fresh : .init(status: 204)
        } _: { proxy in
            _ = try await proxy.get("/a")
            let posted = try await proxy.get("/a", method: "M-SEARCH", body: String(repeating: "x", count: 100_000))
            #expect(posted.status == 204)
            #expect(proxy.origin.received[1].head.method == .MSEARCH)
            #expect(proxy.origin.received[1].body.utf8.count == 100_000)
            #expect(try await !proxy.get("/a").isHit)
        }
    }

    @Test("what a GET with a body gets is for nobody else")
    func bodyOfGet() async throws {
        try await ProxyHarness.run {
            .init(fields: [("Cache-Control", "max-age=60")], body: "to \($0.body)")
        } _: { proxy in
            for body in ["poison", nil, "poison"] {
                let reply = try await proxy.get("/a", body: body)
                #expect(reply.body == "to \(body ?? "")")
            }
        }
    }

    @Test("an interim response is passed on, and the final one stored")
    func interim() async throws {
        try await ProxyHarness.run { _ in
            var answer = Self.fresh
            answer.interim = 103
            return answer
        } _: { proxy in
            let text = try await proxy.exchange("GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(text.hasPrefix("HTTP/1.1 103") && text.contains("HTTP/1.1 200") && text.hasSuffix("hello"))
            #expect(
                try await proxy.exchange("GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                    .hasPrefix("HTTP/1.1 200")
            )
        }
    }

    @Test("several requests share a connection, in their order")
    func pipelining() async throws {
        try await ProxyHarness.run {
            .init(fields: [("Cache-Control", "max-age=60")], body: $0.head.uri)
        } _: { proxy in
            let text = try await proxy.exchange(
                "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\nGET /1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            )
            let parts = text.split(separator: "HTTP/1.1 200 OK")
            #expect(parts.map { String($0.suffix(2)) } == ["/1", "/2", "/1"])
        }
    }

    @Test("the origin's failure is answered with what is stale, or with 502")
    func failure() async throws {
        let isDown = Locked(false)
        try await ProxyHarness.run { _ in
            isDown.withLock { $0 }
                ? .init(breaks: true) : .init(fields: [("Cache-Control", "max-age=0"), ("ETag", "\"a\"")], body: "old")
        } _: { proxy in
            _ = try await proxy.get("/a")
            isDown.withLock { $0 = true }
            let stale = try await proxy.get("/a")
            #expect(stale.status == 200 && stale.body == "old")
            #expect(try await proxy.get("/b").status == 502)
        }
    }

    @Test("an origin that is silent is given up")
    func silence() async throws {
        try await ProxyHarness.run { _ in
            .init(delay: .seconds(30))
        } configure: { configuration in
            configuration.originTimeout = .milliseconds(200)
        } _: { proxy in
            let reply = try await proxy.get("/a")
            #expect(reply.status == 504)
        }
    }

    @Test("a body over the limit is passed on whole, and not stored")
    func large() async throws {
        let body = String(repeating: "0123456789abcdef", count: 65_536)
        try await ProxyHarness.run { _ in
            .init(fields: [("Cache-Control", "max-age=60")], body: body)
        } configure: { configuration in
            configuration.maximumStoredBody = 100_000
        } _: { proxy in
            for _ in 0..<2 {
                let reply = try await proxy.get("/a")
                #expect(reply.body == body && !reply.isHit)
            }
        }
    }

    @Test("tags and URLs are purged by who has the token, softly or not")
    func purging() async throws {
        try await ProxyHarness.run { _ in
            .init(
                fields: [("Cache-Control", "max-age=60, stale-while-revalidate=60"), ("Surrogate-Key", "t-1 t-2")],
                body: "x"
            )
        } _: { proxy in
            let token = ("Authorization", "Bearer token")
            #expect(try await proxy.get("/a", [], method: "PURGE").status == 403)
            for fields in [[("xkey-purge", "t-9 t-2")], [("xkey-softpurge", "t-1")]] {
                _ = try await proxy.get("/a")
                #expect(try await proxy.get("/a").isHit)
                #expect(try await proxy.get("/a", fields + [token], method: "PURGE").status == 200)
                let reply = try await proxy.get("/a")
                let isSoft = fields[0].0 == "xkey-softpurge"
                #expect(reply.isHit == isSoft)
                if isSoft { #expect(reply["Cache-Status"]?.contains("ttl=0") == true) }
            }
            _ = try await proxy.get("/b")
            #expect(try await proxy.get("/b", [token], method: "PURGE").status == 200)
            #expect(try await !proxy.get("/b").isHit)
            #expect(try await proxy.get("/", [token, ("x-purge-all", "1")], method: "PURGE").status == 200)
            #expect(try await !proxy.get("/b").isHit)
        }
    }

    @Test("a response that is purged while it is under way is not stored")
    func purgeRace() async throws {
        try await ProxyHarness.run { _ in
            .init(fields: [("Cache-Control", "max-age=60"), ("xkey", "t")], body: "x", delay: .milliseconds(400))
        } _: { proxy in
            async let first = proxy.get("/a")
            while proxy.origin.received.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            let fields = [("xkey-purge", "t"), ("Authorization", "Bearer token")]
            #expect(try await proxy.get("/", fields, method: "PURGE").status == 200)
            let body = try await first.body
            #expect(body == "x")
            #expect(try await !proxy.get("/a").isHit)
        }
    }
}

@Suite("Requests that mean harm", .timeLimit(.minutes(10)))
struct AbuseTests {
    @Test(
        "what is no request, or may be read in two ways, gets a clear answer and never reaches the origin",
        arguments: [
            "GET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nX : 1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nX: a\u{0}b\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\nx",
            "GET example HTTP/1.1\r\nHost: a\r\n\r\n",
            "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n",
            "GARBAGE\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nBig: \(String(repeating: "x", count: 100_000))\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n\((0..<500).map { "F\($0): x\r\n" }.joined())\r\n",
        ]
    )
    func malformed(_ text: String) async throws {
        try await ProxyHarness.run { _ in
            .init(body: "reached")
        } _: { proxy in
            let answer = try await proxy.exchange(text)
            #expect(
                answer.isEmpty || answer.hasPrefix("HTTP/1.1 4") || answer.hasPrefix("HTTP/1.1 5"),
                "\(answer.prefix(80))"
            )
            #expect(!answer.contains("reached") && proxy.origin.received.isEmpty)
        }
    }

    @Test(
        "a client that sends slowly is not waited for",
        arguments: [
            "GET / HT", "GET / HTTP/1.1\r\nHost: a\r\n", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhal",
        ]
    )
    func slow(_ text: String) async throws {
        try await ProxyHarness.run { _ in
            .init()
        } configure: { configuration in
            configuration.clientTimeout = .milliseconds(200)
            configuration.idleTimeout = .milliseconds(300)
        } _: { proxy in
            let answer = try await proxy.exchange(text)
            #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 408"))
        }
    }
}
