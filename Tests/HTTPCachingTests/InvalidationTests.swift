import HTTPCaching
import HTTPTypes
import Testing

@Suite("Invalidation, RFC 9111, section 4.4")
struct ResourceInvalidationTests {
    private let fresh = ModelCache.Origin(fields: [("Cache-Control", "max-age=3600")])

    @Test(
        "an unsafe method that succeeds removes what is stored",
        arguments: [
            "POST", "PUT", "DELETE", "PATCH", "M-SEARCH", "UNHEARD",
        ]
    )
    func unsafe(_ method: String) {
        for (status, isRemoved) in [(200, true), (204, true), (303, true), (404, false), (500, false)] {
            var cache = ModelCache()
            _ = cache.send(to: fresh)
            let reply = cache.send(method, "/", [], to: .init(status: status))
            #expect(reply.asked.first?.method.rawValue == method)
            #expect(cache.send(to: .init()).isFromCache != isRemoved, "\(status)")
        }
    }

    @Test(
        "the answer to POST is stored for GET if it says that its own URL shows it, and for how long",
        arguments: [
            ([("Cache-Control", "max-age=60"), ("Content-Location", "/")], 200, true),
            ([("Expires", "@60"), ("Content-Location", "http://example.org/")], 201, true),
            ([("Cache-Control", "max-age=60"), ("Content-Location", "/other")], 200, false),
            ([("Cache-Control", "max-age=60")], 200, false), ([("Content-Location", "/")], 200, false),
            ([("Cache-Control", "max-age=60"), ("Content-Location", "/")], 404, false),
            ([("Cache-Control", "no-store, max-age=60"), ("Content-Location", "/")], 200, false),
        ] as [([(String, String)], Int, Bool)]
    )
    func posted(_ fields: [(String, String)], _ status: Int, _ isStored: Bool) {
        var configuration = SharedCache.Configuration()
        configuration.heuristicFraction = 0.1
        var cache = ModelCache(configuration)
        let dated = fields.map { ($0.0, $0.1.hasPrefix("@") ? cache.date(60) : $0.1) }
        _ = cache.send("POST", "/", [], to: .init(status: status, fields: dated, body: "made"))
        let reply = cache.send()
        #expect(reply.isFromCache == isStored && (reply.body == "made") == isStored)
    }

    @Test("a safe method removes nothing", arguments: ["OPTIONS", "TRACE", "QUERY", "HEAD"])
    func safe(_ method: String) {
        var cache = ModelCache()
        _ = cache.send(to: fresh)
        _ = cache.send(method)
        #expect(cache.send().isFromCache)
    }

    @Test(
        "Location and Content-Location are removed too, if they are of the same origin",
        arguments: [
            ("/target", true), ("target", true), ("../target", true), ("http://example.org/target", true),
            ("http://EXAMPLE.org:80/target", true), ("//example.org/target", true), ("/a/../target#part", true),
            ("https://example.org/target", false), ("http://example.com/target", false),
            ("http://example.org:81/target", false),
            ("/target?x", false), ("mailto:a@example.org", false), ("", false),
        ]
    )
    func locations(_ reference: String, _ isRemoved: Bool) {
        for name in ["Location", "Content-Location"] {
            var cache = ModelCache()
            _ = cache.send("GET", "/target", [], to: fresh)
            _ = cache.send("POST", "/form", [], to: .init(fields: [(name, reference)]))
            #expect(cache.send("GET", "/target").isFromCache != isRemoved, "\(name)")
        }
    }

    @Test("groups are removed together, RFC 9875")
    func groups() {
        var cache = ModelCache()
        for (path, groups) in [("/a", "\"x\", \"y\""), ("/b", "\"y\""), ("/c", "\"Y\""), ("/d", "y")] {
            let fields = [("Cache-Control", "max-age=3600"), ("Cache-Groups", groups)]
            _ = cache.send("GET", path, [], to: .init(fields: fields))
        }
        _ = cache.send("POST", "/form", [], to: .init(fields: [("Cache-Group-Invalidation", "\"y\"")]))
        #expect(["/a", "/b", "/c", "/d"].map { cache.send("GET", $0).isFromCache } == [false, false, true, true])
    }

    @Test("each query is a resource of its own, and hosts count in any case")
    func keys() {
        let key = ResourceKey(scheme: "HTTP", authority: "Example.ORG:80", path: "/A?b")
        #expect(key.url == "http://example.org/A?b" && key.origin == "http://example.org" && key.path == "/A?b")
        #expect(
            ResourceKey(scheme: "https", authority: "a:443", path: "")
                == ResourceKey(scheme: "https", authority: "a", path: "/")
        )
        #expect(ResourceKey(scheme: "http", authority: "a:443", path: "/").origin == "http://a:443")
        var cache = ModelCache()
        _ = cache.send("GET", "/?a=1", [], to: fresh)
        #expect(cache.send("GET", "/?a=1").isFromCache)
        #expect(!cache.send("GET", "/?a=2").isFromCache)
    }
}

@Suite("Cache-Status, RFC 9211")
struct CacheStatusTests {
    @Test("what the cache did is told in a structured field, behind the caches before it")
    func value() {
        var status = CacheStatus(cache: "larder")
        status.isHit = true
        status.timeToLive = 12
        let plain = status.value()
        #expect(plain == "larder;hit;ttl=12")
        status.key = "http://a/\"b\"\u{e4}"
        status.detail = "soft purged"
        #expect(status.value(after: "L2;hit").hasPrefix("L2;hit, \(plain);"))
        #expect(status.value().contains(#"key="http://a/\"b\"""#))
        #expect(status.value().contains(#"detail="soft purged""#))
        var miss = CacheStatus(cache: "My Cache")
        miss.forward = .uriMiss
        miss.forwardStatus = 200
        miss.isStored = true
        miss.isCollapsed = true
        let text = miss.value().filter { $0 != " " }
        #expect(text == #""MyCache";fwd=uri-miss;fwd-status=200;stored;collapsed"#)
    }
}
