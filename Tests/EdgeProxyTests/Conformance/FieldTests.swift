import NIOHTTP1
import Testing

/// What a client sees of a field that the origin sends, from the store and after a confirmation.
@Suite("Fields on their way through the proxy", .timeLimit(.minutes(10)))
struct FieldTests {
    private static let ofConnection = [
        "Keep-Alive", "Proxy-Authenticate", "Proxy-Authentication-Info", "Proxy-Authorization", "Proxy-Connection",
        "TE",
        "Upgrade",
    ]

    private static let endToEnd = [
        ("Test-Header", "a", "b"), ("X-Test-Header", "a", "b"), ("Content-Foo", "a", "b"), ("X-Content-Foo", "a", "b"),
        ("Content-Location", "/a", "/b"), ("Content-MD5", "rL0Y20zC+Fzt72VPzMSk2A==", "N7UdGUp1E+RbVvZSTy1R8g=="),
        ("Content-Security-Policy", "default-src 'self'", "default-src 'none'"), ("Content-Type", "a/b", "text/plain"),
        ("Clear-Site-Data", "cache", "cookies"), ("Public-Key-Pins", "a", "b"), ("Set-Cookie", "a=b", "a=c"),
        ("Set-Cookie2", "a=b", "a=c"), ("X-Frame-Options", "deny", "sameorigin"), ("X-XSS-Protection", "0", "1"),
        ("Expires", "Fri, 01 Jan 2038 01:01:01 GMT", "Mon, 11 Jan 2038 11:11:11 GMT"),
    ]

    @Test("a stored response has all fields but those of the connection, and those that it names")
    func stored() async throws {
        try await ProxyHarness.run { _ in
            let fields =
                Self.ofConnection.map { ($0, "value") } + Self.endToEnd.map { ($0.0, $0.1) } + [
                    ("Connection", "listed"), ("Listed", "1"), ("Content-Encoding", "x"), ("Content-Range", "x"),
                    ("Cache-Control", "max-age=3600"), ("ETag", "\"a\""),
                ]
            return .init(fields: fields, body: "x")
        } _: { proxy in
            for isHit in [false, true] {
                let reply = try await proxy.get("/a")
                #expect(reply.isHit == isHit)
                for name in Self.ofConnection + ["Listed"] { #expect(reply[name] == nil, "\(name)") }
                for (name, value, _) in Self.endToEnd { #expect(reply[name] == value, "\(name)") }
                #expect(reply["Content-Encoding"] == "x" && reply["Content-Range"] == "x")
            }
        }
    }

    @Test("a confirmation brings the fields that it has, and leaves those that tell how the body is to be read")
    func updated() async throws {
        let clock = MovableClock()
        try await ProxyHarness.run(clock: clock) { received in
            let isConfirmed = received.head.headers.contains(name: "If-None-Match")
            let fields =
                Self.endToEnd.map { ($0.0, isConfirmed ? $0.2 : $0.1) } + [
                    ("Cache-Control", "max-age=\(isConfirmed ? 3_600 : 1)"), ("ETag", "\"a\""),
                    ("Content-Encoding", isConfirmed ? "y" : "x"), ("Content-Range", isConfirmed ? "y" : "x"),
                ]
            return .init(status: isConfirmed ? 304 : 200, fields: fields, body: "body")
        } _: { proxy in
            _ = try await proxy.get("/a")
            clock.wait(3)
            for isHit in [false, true] {
                let reply = try await proxy.get("/a")
                #expect(reply.isHit == isHit && reply.status == 200 && reply.body == "body")
                for (name, _, value) in Self.endToEnd { #expect(reply[name] == value, "\(name)") }
                #expect(reply["Cache-Control"] == "max-age=3600")
                #expect(reply["Content-Encoding"] == "x" && reply["Content-Range"] == "x")
                #expect(reply["Content-Length"] == "4")
            }
            #expect(proxy.origin.received.count == 2)
        }
    }

    @Test("the age is that of the origin and of the stay here, and no other date changes")
    func age() async throws {
        let clock = MovableClock()
        let (date, expires) = (clock.date(), clock.date(3_600))
        try await ProxyHarness.run(clock: clock) { _ in
            .init(fields: [("Date", date), ("Expires", expires), ("Age", "30")], body: "x")
        } _: { proxy in
            #expect(try await proxy.get("/a")["Age"] == "30")
            clock.wait(5)
            let reply = try await proxy.get("/a")
            #expect(reply.isHit && reply["Age"] == "35")
            #expect(reply["Date"] == date && reply["Expires"] == expires)
        }
    }

    @Test("several interim responses are passed on in their order, with their fields alone")
    func interim() async throws {
        let origin = RawOrigin(
            "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </s.css>\r\nX-Hint: 1\r\n\r\n"
                + "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 4\r\n\r\nbody"
        )
        try await ProxyHarness.run(origin) { proxy in
            let request = "GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            let parts = try await proxy.exchange(request).components(startingWith: "HTTP/1.1 ")
            #expect(parts.map { $0.prefix(3) } == ["102", "103", "200"])
            #expect(parts[1].contains("X-Hint: 1") && !parts[2].contains("X-Hint"))
            let later = try await proxy.exchange(request).components(startingWith: "HTTP/1.1 ")
            #expect(later.count == 1 && later[0].hasSuffix("body") && !later[0].contains("X-Hint"))
            #expect(origin.requests == 1)
        }
    }
}

extension String {
    /// What follows each occurrence of a text.
    fileprivate func components(startingWith text: String) -> [String] {
        split(separator: text, omittingEmptySubsequences: true).map(String.init)
    }
}
