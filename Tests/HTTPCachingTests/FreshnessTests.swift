import HTTPCaching
import HTTPTypes
import Testing

@Suite("Freshness, RFC 9111, section 4.2")
struct FreshnessTests {
    @Test(
        "lifetimes come from max-age, s-maxage and Expires, in the order of the rules",
        arguments: [
            ReuseCase(.notUsed, "nothing said", []),
            ReuseCase(.used, "max-age", [("Cache-Control", "max-age=3600")]),
            ReuseCase(.notUsed, "max-age is over", [("Cache-Control", "max-age=2")]),
            ReuseCase(.notUsed, "max-age=0", [("Cache-Control", "max-age=0")]),
            ReuseCase(.used, "more than 31 bits", [("Cache-Control", "max-age=2147483648")]),
            ReuseCase(.used, "more than 64 bits", [("Cache-Control", "max-age=99999999999999999999")]),
            ReuseCase(.notUsed, "older than max-age", [("Cache-Control", "max-age=3600"), ("Age", "7200")]),
            ReuseCase(.used, "any case", [("Cache-Control", "MaX-aGe=3600")]),
            ReuseCase(.used, "beside what nobody knows", [("Cache-Control", "foobar=\"a, b\", max-age=3600")]),
            ReuseCase(
                .used,
                "max-age beats a past Expires",
                [("Cache-Control", "max-age=3600"), ("Expires", "@-100")]
            ),
            ReuseCase(.used, "max-age beats a bad Expires", [("Cache-Control", "max-age=3600"), ("Expires", "0")]),
            ReuseCase(.notUsed, "max-age=0 beats Expires", [("Cache-Control", "max-age=0"), ("Expires", "@1000")]),
            ReuseCase(.used, "s-maxage", [("Cache-Control", "s-maxage=3600")]),
            ReuseCase(.notUsed, "s-maxage beats max-age", [("Cache-Control", "max-age=3600, s-maxage=2")]),
            ReuseCase(.used, "s-maxage beats a shorter max-age", [("Cache-Control", "s-maxage=3600, max-age=1")]),
            ReuseCase(.notUsed, "s-maxage=0 beats Expires", [("Cache-Control", "s-maxage=0"), ("Expires", "@1000")]),
            ReuseCase(.used, "Expires", [("Expires", "@3600"), ("Date", "@0")]),
            ReuseCase(.notUsed, "a past Expires", [("Expires", "@-3600"), ("Date", "@0")]),
            ReuseCase(.notUsed, "Expires is now", [("Expires", "@0"), ("Date", "@0")]),
            ReuseCase(.notUsed, "Expires counts from Date", [("Expires", "@10"), ("Date", "@20")]),
            ReuseCase(.used, "Expires without Date", [("Expires", "@3600")]),
            ReuseCase(.notUsed, "older than Expires", [("Expires", "@3600"), ("Date", "@0"), ("Age", "7200")]),
            ReuseCase(.notUsed, "made long ago", [("Cache-Control", "max-age=3600"), ("Date", "@-4000")]),
        ]
    )
    func lifetimes(_ reuse: ReuseCase) {
        #expect(reuse.outcome() == reuse.expectation)
    }

    @Test(
        "a lifetime that is no number, or two that differ, count as over",
        arguments: [
            "max-age=a3600", "max-age=3600a", "max-age='3600'", "max-age=3600.0", "max-age=-1", "max-age=", "max-age",
            "max-age =3600", "max-age= 3600", "max-age=1, max-age=1800", "max-age=1800, max-age=1",
            "x=\"max-age=3600\", max-age=1", "max-age=1, x=\"max-age=3600\"", "x=\"a\\\", max-age=3600\"",
        ]
    )
    func badLifetimes(_ value: String) {
        #expect(ReuseCase(.notUsed, value, [("Cache-Control", value)]).outcome() == .notUsed)
    }

    @Test("a number may have zeros before it, or quotes around it", arguments: ["max-age=003600", "max-age=\"3600\""])
    func oddLifetimes(_ value: String) {
        #expect(ReuseCase(.used, value, [("Cache-Control", value)]).outcome() == .used)
    }

    @Test(
        "of Age the first value counts, and none that is no number",
        arguments: [
            (["abc"], ReuseCase.Expectation.used), (["-7200"], .used), (["7200.0"], .used), (["7200;a=b"], .used),
            (["7200, 0"], .notUsed), (["0, 7200"], .used), (["7200", "0"], .notUsed), (["0", "7200"], .used),
            (["0", "0"], .used), (["2147483647"], .notUsed), (["2147483648"], .notUsed), (["2147483649"], .notUsed),
            (["99999999999999999999"], .notUsed), (["1800", "1800"], .used),
        ]
    )
    func age(_ lines: [String], _ expectation: ReuseCase.Expectation) {
        let fields = [("Cache-Control", "max-age=3600"), ("Date", "@0")] + lines.map { ("Age", $0) }
        #expect(ReuseCase(expectation, "Age", fields).outcome() == expectation)
    }

    @Test(
        "each status may be stored that has a lifetime",
        arguments: [
            200, 203, 204, 299, 301, 302, 303, 307, 308, 400, 404, 410, 499, 500, 502, 503, 504, 599,
        ]
    )
    func statuses(_ status: Int) {
        let fresh = [("Cache-Control", "max-age=3600")]
        #expect(ReuseCase(.used, "fresh", fresh, status: status).outcome() == .used)
        #expect(ReuseCase(.notUsed, "stale", [("Cache-Control", "max-age=1")], status: status).outcome() == .notUsed)
        #expect(
            ReuseCase(.notUsed, "nothing said", [("Last-Modified", "@-9000")], status: status).outcome() == .notUsed
        )
    }

    @Test("a part of a response is not stored", arguments: [206, 304])
    func parts(_ status: Int) {
        let fields = [("Cache-Control", "max-age=3600"), ("Content-Range", "bytes 0-7/10")]
        #expect(ReuseCase(.notUsed, "part", fields, status: status).outcome() == .notUsed)
    }

    @Test("must-understand stores what the cache knows, whatever no-store says, and nothing else")
    func mustUnderstand() {
        let fields = [("Cache-Control", "max-age=3600, no-store, must-understand")]
        #expect(ReuseCase(.used, "known", fields).outcome() == .used)
        #expect(ReuseCase(.notUsed, "unknown", fields, status: 599).outcome() == .notUsed)
        let storable = [("Cache-Control", "max-age=3600, must-understand")]
        #expect(ReuseCase(.notUsed, "unknown", storable, status: 299).outcome() == .notUsed)
    }

    @Test("heuristics apply where they are on, to statuses that allow them, or to what is public")
    func heuristics() {
        var configuration = SharedCache.Configuration()
        configuration.heuristicFraction = 0.1
        let fields = [("Last-Modified", "@-86400"), ("Date", "@0")]
        for status in [200, 203, 204, 404, 405, 410, 414, 501] {
            #expect(ReuseCase(.used, "\(status)", fields, status: status).outcome(configuration) == .used)
        }
        for status in [201, 202, 403, 502, 503, 504, 599] {
            #expect(ReuseCase(.notUsed, "\(status)", fields, status: status).outcome(configuration) == .notUsed)
        }
        let shared = fields + [("Cache-Control", "public")]
        #expect(ReuseCase(.used, "public", shared, status: 599).outcome(configuration) == .used)
        #expect(ReuseCase(.notUsed, "recent", [("Last-Modified", "@-20")]).outcome(configuration) != .used)
        configuration.heuristicLimit = .seconds(2)
        #expect(ReuseCase(.validated, "limit", fields).outcome(configuration) != .used)
    }

    @Test("Age counts on from what it was, and Date stays")
    func ageGrows() {
        var cache = ModelCache()
        let made = cache.date()
        let fields = [("Cache-Control", "max-age=600"), ("Date", made), ("Age", "30")]
        _ = cache.send(to: .init(fields: fields))
        cache.wait(5)
        let reply = cache.send()
        #expect(reply["Age"] == "35")
        #expect(reply["Date"] == made)
    }

    @Test("a response without Date gets one")
    func missingDate() {
        var cache = ModelCache()
        let now = cache.date()
        #expect(cache.send(to: .init(fields: [("Cache-Control", "max-age=9")]))["Date"] == now)
        cache.wait(2)
        #expect(cache.send()["Date"] == now)
    }
}
