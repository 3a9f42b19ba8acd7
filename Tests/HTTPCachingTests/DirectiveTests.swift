import HTTPCaching
import HTTPTypes
import Testing

@Suite("Directives of responses, RFC 9111, section 5.2.2")
struct DirectiveTests {
    @Test(
        "no-store and private keep a response out",
        arguments: [
            ReuseCase(.notUsed, "no-store", [("Cache-Control", "no-store")]),
            ReuseCase(.notUsed, "any case", [("Cache-Control", "No-StOrE, max-age=3600")]),
            ReuseCase(.notUsed, "even if fresh", [("Cache-Control", "max-age=3600, no-store"), ("Expires", "@3600")]),
            ReuseCase(.notUsed, "on another line", [("Cache-Control", "max-age=3600"), ("Cache-Control", "no-store")]),
            ReuseCase(.notUsed, "private", [("Cache-Control", "private, max-age=3600")]),
            ReuseCase(.used, "in quotes it is none", [("Cache-Control", "max-age=3600, x=\"no-store\"")]),
            ReuseCase(.notUsed, "no-cache without validator", [("Cache-Control", "max-age=3600, No-CaChE")]),
            ReuseCase(.validated, "no-cache", [("Cache-Control", "no-cache"), ("ETag", "\"a\"")]),
            ReuseCase(.validated, "no-cache, fresh", [("Cache-Control", "max-age=3600, no-cache"), ("ETag", "\"a\"")]),
            ReuseCase(.used, "must-revalidate, fresh", [("Cache-Control", "max-age=3600, must-revalidate")]),
            ReuseCase(
                .validated,
                "must-revalidate, stale",
                [
                    ("Cache-Control", "max-age=2, must-revalidate"), ("ETag", "\"a\""),
                ]
            ),
            ReuseCase(
                .used,
                "Pragma says nothing in responses",
                [
                    ("Cache-Control", "max-age=3600"), ("Pragma", "no-cache"),
                ]
            ),
        ]
    )
    func storing(_ reuse: ReuseCase) {
        #expect(reuse.outcome() == reuse.expectation)
    }

    @Test(
        "what a request with Authorization got is for others only with leave",
        arguments: [
            ("max-age=3600", ReuseCase.Expectation.notUsed), ("max-age=3600, public", .used),
            ("max-age=3600, must-revalidate", .used), ("s-maxage=3600", .used), ("max-age=3600, private", .notUsed),
        ]
    )
    func authorization(_ value: String, _ expectation: ReuseCase.Expectation) {
        let reuse = ReuseCase(
            expectation,
            value,
            [("Cache-Control", value)],
            request: [("Authorization", "FOO")],
            later: []
        )
        #expect(reuse.outcome() == expectation)
    }

    @Test("cookies are stored with leave alone, and never by a guess at the lifetime")
    func cookies() {
        var configuration = SharedCache.Configuration()
        let fields = [("Cache-Control", "max-age=3600"), ("Set-Cookie", "a=b")]
        #expect(ReuseCase(.notUsed, "default", fields).outcome() == .notUsed)
        configuration.setCookie = .withExplicitLifetime
        configuration.heuristicFraction = 0.5
        #expect(ReuseCase(.used, "leave", fields).outcome(configuration) == .used)
        let guessed = [("Last-Modified", "@-90000"), ("Set-Cookie", "a=b")]
        #expect(ReuseCase(.notUsed, "guess", guessed).outcome(configuration) == .notUsed)
    }

    @Test(
        "fields that no-cache or private name are left out, and the rest is stored",
        arguments: ["no-cache", "private"]
    )
    func qualified(_ directive: String) {
        var cache = ModelCache()
        let fields = [
            ("Cache-Control", "\(directive)=\"a, Set-Cookie\""), ("Cache-Control", "max-age=3600"), ("A", "1"),
            ("Set-Cookie", "c=d"), ("B", "2"),
        ]
        #expect(cache.send(to: .init(fields: fields))["A"] == "1")
        let reply = cache.send()
        #expect(reply.isFromCache)
        #expect(reply["A"] == nil && reply["Set-Cookie"] == nil && reply["B"] == "2")
    }

    @Test("fields of the connection are not stored, all others are")
    func fields() {
        var cache = ModelCache()
        let dropped = [
            "Keep-Alive", "Proxy-Authenticate", "Proxy-Authentication-Info", "Proxy-Authorization", "Proxy-Connection",
            "TE", "Transfer-Encoding", "Upgrade", "Listed",
        ]
        let kept = [
            "Test-Header", "Content-Encoding", "Content-Location", "Content-MD5", "Content-Range", "Content-Type",
            "Content-Security-Policy", "Clear-Site-Data", "ETag", "Expires", "X-Frame-Options", "Content-Language",
        ]
        let fields =
            (dropped + kept).map { ($0, "value") } + [
                ("Connection", "listed, close"), ("Cache-Control", "max-age=3600"),
            ]
        let first = cache.send(to: .init(fields: fields))
        let second = cache.send()
        #expect(second.isFromCache)
        for name in dropped + ["Connection"] { #expect(first[name] == nil && second[name] == nil, "\(name)") }
        for name in kept { #expect(second[name] == "value", "\(name)") }
    }

    @Test("the names of fields that this module adds are what they say")
    func names() {
        let names: [HTTPField.Name] = [.cacheStatus, .cdnCacheControl, .cacheGroups, .cacheGroupInvalidation]
        let texts = ["Cache-Status", "CDN-Cache-Control", "Cache-Groups", "Cache-Group-Invalidation"]
        #expect(names.map(\.rawName) == texts)
    }
}

@Suite("Targeted fields, RFC 9213")
struct TargetedFieldTests {
    @Test(
        "a valid targeted field takes the place of Cache-Control and Expires",
        arguments: [
            ("max-age=3600", [], ReuseCase.Expectation.used),
            ("max-age=2147483648", [], .used),
            ("max-age=99999999999", [], .used),
            ("max-age=0", [], .notUsed),
            ("max-age=3600", [("Age", "7200"), ("Date", "@0")], .notUsed),
            ("foobar, max-age=3600", [], .used),
            ("max-age=3600", [("Expires", "@-1000"), ("Date", "@0")], .used),
            ("max-age=3600", [("Expires", "0")], .used),
            ("max-age=0", [("Expires", "@1000")], .notUsed),
            ("max-age=3600", [("Cache-Control", "max-age=1")], .used),
            ("max-age=1", [("Cache-Control", "max-age=3600")], .notUsed),
            ("private", [("Cache-Control", "max-age=3600"), ("Expires", "@1000")], .notUsed),
            ("no-cache", [("Cache-Control", "max-age=3600")], .notUsed),
            ("no-store", [("Cache-Control", "max-age=3600"), ("Expires", "@1000")], .notUsed),
            ("max-age=3600", [("Cache-Control", "no-store")], .used),
            ("foo", [("Cache-Control", "max-age=3600")], .notUsed),
            ("s-maxage=3600, max-age=1", [], .used),
        ] as [(String, [(String, String)], ReuseCase.Expectation)]
    )
    func precedence(_ value: String, _ others: [(String, String)], _ expectation: ReuseCase.Expectation) {
        let reuse = ReuseCase(expectation, value, [("CDN-Cache-Control", value)] + others)
        #expect(reuse.outcome() == expectation)
    }

    @Test(
        "one that is no dictionary counts as absent",
        arguments: [
            "", "max-age=10000, &&&&&", "max-age=\"10000\"", "MaX-aGe=3600", "max-age =100", "max-age= 100",
            "max-age=1.5", "max-age=?1", "max-age", "max-age=10000,",
        ]
    )
    func invalid(_ value: String) {
        let without = ReuseCase(.notUsed, value, [("CDN-Cache-Control", value), ("Cache-Control", "no-store")])
        #expect(without.outcome() == .notUsed)
        let with = ReuseCase(.used, value, [("CDN-Cache-Control", value), ("Cache-Control", "max-age=3600")])
        #expect(with.outcome() == .used)
    }

    @Test("the first field of the cache's list that is valid counts")
    func order() throws {
        var configuration = SharedCache.Configuration()
        configuration.targetedFields = [try #require(HTTPField.Name("Larder-Cache-Control")), .cdnCacheControl]
        let fields = [("CDN-Cache-Control", "no-store"), ("Larder-Cache-Control", "max-age=3600")]
        #expect(ReuseCase(.used, "own", fields).outcome(configuration) == .used)
        let broken = [("CDN-Cache-Control", "no-store"), ("Larder-Cache-Control", "&&")]
        #expect(ReuseCase(.notUsed, "next", broken).outcome(configuration) == .notUsed)
        configuration.targetedFields = []
        let ignored = [("CDN-Cache-Control", "no-store"), ("Cache-Control", "max-age=3600")]
        #expect(ReuseCase(.used, "none", ignored).outcome(configuration) == .used)
    }
}
