import HTTPCaching
import HTTPTypes
import Testing

@Suite("Vary, RFC 9111, section 4.1")
struct VaryTests {
    private static let fresh = ("Cache-Control", "max-age=5000")

    @Test(
        "a response answers the requests that say the same in what it varies by",
        arguments: [
            ReuseCase(.used, "same", [fresh, ("Vary", "Foo")], request: [("Foo", "1")]),
            ReuseCase(.notUsed, "other", [fresh, ("Vary", "Foo")], request: [("Foo", "1")], later: [("Foo", "2")]),
            ReuseCase(.notUsed, "new", [fresh, ("Vary", "Foo")], request: [], later: [("Foo", "1")]),
            ReuseCase(.notUsed, "gone", [fresh, ("Vary", "Foo")], request: [("Foo", "1")], later: []),
            ReuseCase(
                .used,
                "what is not named does not count",
                [fresh, ("Vary", "Foo")],
                request: [("Foo", "1"), ("Other", "2")],
                later: [("Foo", "1"), ("Other", "3")]
            ),
            ReuseCase(
                .used,
                "three",
                [fresh, ("Vary", "Foo, Bar"), ("Vary", "Baz")],
                request: [("Foo", "1"), ("Bar", "a"), ("Baz", "7")],
                later: [("Baz", "7"), ("Foo", "1"), ("Bar", "a")]
            ),
            ReuseCase(
                .notUsed,
                "one of three",
                [fresh, ("Vary", "Foo, Bar, Baz")],
                request: [("Foo", "1"), ("Bar", "a"), ("Baz", "7")],
                later: [("Foo", "1"), ("Baz", "7"), ("Bar", "ab")]
            ),
            ReuseCase(.used, "absent twice", [fresh, ("Vary", "Foo, Bar")], request: [("Foo", "1")]),
        ]
    )
    func selecting(_ reuse: ReuseCase) {
        #expect(reuse.outcome() == reuse.expectation)
    }

    @Test(
        "a star answers nobody else, wherever it stands",
        arguments: [
            ["*"], ["*, *"], ["*", "*"], [", *"], ["", "*"], ["*, Foo"], ["Foo, *"], ["Foo", "*"], ["b\u{e4}d"],
        ]
    )
    func star(_ lines: [String]) {
        let fields = [Self.fresh] + lines.map { ("Vary", $0) }
        #expect(ReuseCase(.notUsed, "star", fields, request: [("Foo", "1")]).outcome() == .notUsed)
    }

    @Test(
        "values that mean the same are the same",
        arguments: [
            ("Foo", [("Foo", "1, 2")], [("Foo", "1"), ("Foo", "2")]),
            ("Foo", [("Foo", "1,2")], [("Foo", " 1, 2 ")]),
            ("Accept-Language", [("Accept-Language", "en, de")], [("Accept-Language", "de, en")]),
            ("Accept-Language", [("Accept-Language", "en, de")], [("Accept-Language", "eN, De")]),
            ("Accept-Language", [("Accept-Language", "en, de")], [("Accept-Language", " en ,   de")]),
            ("Accept-Language", [("Accept-Language", "en, de;q=0.5")], [("Accept-Language", "de; q=0.50, en;q=1.0")]),
            ("Accept-Encoding", [("Accept-Encoding", "gzip, br")], [("Accept-Encoding", "br,GZIP")]),
        ] as [(String, [(String, String)], [(String, String)])]
    )
    func normalising(_ name: String, _ first: [(String, String)], _ second: [(String, String)]) {
        let reuse = ReuseCase(.used, name, [Self.fresh, ("Vary", name)], request: first, later: second)
        #expect(reuse.outcome() == .used)
    }

    @Test(
        "values that mean something else are not",
        arguments: [
            ("Foo", "a, b", "b, a"), ("Foo", "A", "a"), ("Accept-Language", "en, de;q=0.5", "de, en;q=0.5"),
            ("Accept-Encoding", "gzip", "gzip;q=0"), ("Foo", "\"a, b\"", "\"a,b\""),
        ]
    )
    func distinguishing(_ name: String, _ first: String, _ second: String) {
        let reuse = ReuseCase(
            .notUsed,
            name,
            [Self.fresh, ("Vary", name)],
            request: [(name, first)],
            later: [(name, second)]
        )
        #expect(reuse.outcome() == .notUsed)
    }

    @Test("a response in the language that a request likes best answers it")
    func language() {
        let fields = [Self.fresh, ("Vary", "Accept-Language"), ("Content-Language", "de")]
        let request = [("Accept-Language", "en, de")]
        for (later, expectation) in [
            ("fr;q=0.5, de;q=1.0", ReuseCase.Expectation.used), ("fr, de;q=0.9", .notUsed), ("fr, de", .notUsed),
            ("*", .notUsed), ("de;q=0", .notUsed),
        ] {
            let reuse = ReuseCase(expectation, later, fields, request: request, later: [("Accept-Language", later)])
            #expect(reuse.outcome() == expectation, "\(later)")
        }
    }

    @Test("variants live side by side, and the newest of those that match is taken")
    func variants() {
        var cache = ModelCache()
        let fields = [Self.fresh, ("Vary", "Foo")]
        for foo in ["1", "2"] {
            _ = cache.send("GET", "/", [("Foo", foo)], to: .init(fields: fields, body: "foo \(foo)"))
        }
        #expect(cache.send("GET", "/", [("Foo", "1")]).body == "foo 1")
        #expect(cache.send("GET", "/", [("Foo", "2")]).body == "foo 2")
        cache.wait(1)
        let other = ModelCache.Origin(fields: [Self.fresh, ("Vary", "Bar")], body: "bar")
        #expect(!cache.send("GET", "/", [("Foo", "3")], to: other).isFromCache)
        #expect(cache.send("GET", "/", [("Foo", "4")]).body == "bar")
    }
}
