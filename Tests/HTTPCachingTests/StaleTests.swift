import HTTPCaching
import HTTPTypes
import Testing

@Suite("Serving stale, RFC 9111, section 4.2.4, and RFC 5861")
struct StaleTests {
    private func afterFailure(
        _ value: String,
        _ origin: ModelCache.Origin?,
        request: [(String, String)] = [],
        pause: Int64 = 3,
        standard: Duration = .seconds(60)
    ) -> ModelCache.Reply {
        var configuration = SharedCache.Configuration()
        configuration.staleIfError = standard
        var cache = ModelCache(configuration)
        _ = cache.send(to: .init(fields: [("Cache-Control", value)]))
        cache.wait(pause)
        return cache.send("GET", "/", request, to: origin)
    }

    @Test("a stale response stands in for an origin that is gone or fails")
    func failures() {
        for origin in [nil, ModelCache.Origin(status: 503), ModelCache.Origin(status: 500)] {
            #expect(afterFailure("max-age=2", origin).body == "the body")
            #expect(afterFailure("max-age=2, stale-if-error=60", origin, standard: .zero).body == "the body")
            #expect(afterFailure("s-maxage=2, stale-if-error=60", origin).body == "the body")
        }
        #expect(afterFailure("max-age=2", nil)["Age"] == "3")
        #expect(afterFailure("max-age=2", .init(status: 404, body: "gone")).body == "gone")
    }

    @Test(
        "nothing stale where the response forbids it",
        arguments: [
            "max-age=2, must-revalidate", "max-age=2, proxy-revalidate", "max-age=2, no-cache", "s-maxage=2",
            "max-age=2, stale-if-error=60, must-revalidate", "max-age=2, stale-while-revalidate=9, proxy-revalidate",
        ]
    )
    func forbidden(_ value: String) {
        #expect(afterFailure(value, nil).response.status == .badGateway)
        #expect(afterFailure(value, nil, request: [("Cache-Control", "max-stale, stale-if-error=99")]).body.isEmpty)
    }

    @Test("stale-if-error=0 forbids what the cache would do by itself")
    func none() {
        #expect(afterFailure("max-age=2, stale-if-error=0", nil).response.status == .badGateway)
    }

    @Test("stale-if-error ends, and a failure is then passed on")
    func window() {
        #expect(afterFailure("max-age=2, stale-if-error=60", nil, pause: 61).body == "the body")
        #expect(afterFailure("max-age=2, stale-if-error=60", nil, pause: 63).response.status == .badGateway)
        #expect(afterFailure("max-age=2", .init(status: 503, body: "down"), pause: 99).body == "down")
    }

    @Test("who asks for what is validated gets no stale answer")
    func insisting() {
        let request = [("Cache-Control", "no-cache")]
        #expect(afterFailure("max-age=2", nil, request: request).response.status == .badGateway)
    }

    @Test("stale-while-revalidate answers at once and fetches anew, until its window ends")
    func whileRevalidating() {
        var cache = ModelCache()
        let origin = ModelCache.Origin(
            fields: [("Cache-Control", "max-age=1, stale-while-revalidate=4"), ("ETag", "\"abc\"")]
        )
        _ = cache.send(to: origin)
        cache.wait(3)
        let stale = cache.send(to: .init(fields: origin.fields, body: "second"))
        #expect(stale.isFromCache && stale.body == "the body")
        #expect(cache.send(to: .init()).body == "second")
        cache.wait(6)
        #expect(!cache.send(to: .init(body: "third")).isFromCache)
    }

    @Test("the fetch behind a client's back asks for the whole")
    func background() {
        var model = ModelCache()
        let fields = [("Cache-Control", "max-age=1, stale-while-revalidate=4"), ("ETag", "\"abc\"")]
        _ = model.send(to: .init(fields: fields))
        model.wait(2)
        let part = model.send("GET", "/", [("Range", "bytes=0-2"), ("If-None-Match", "\"x\"")], to: .init(body: "new"))
        #expect(part.isFromCache && part.body == "the")
        #expect(model.send(to: .init(body: "newest")).body == "newest")
    }
}

@Suite("Directives of requests, RFC 9111, section 5.2.1")
struct RequestDirectiveTests {
    @Test(
        "a client may ask for what is fresher, staler, or validated",
        arguments: [
            ("max-age=3600", "max-age=0", "0", ReuseCase.Expectation.notUsed),
            ("max-age=3600", "max-age=1", "0", .notUsed),
            ("max-age=3600", "max-age=10", "0", .used),
            ("max-age=3600", "max-age=600", "1800", .notUsed),
            ("max-age=1500", "min-fresh=2000", "0", .notUsed),
            ("max-age=1500", "min-fresh=1000", "1000", .notUsed),
            ("max-age=1500", "min-fresh=1000", "0", .used),
            ("max-age=1", "max-stale=1000", "0", .used),
            ("max-age=1", "max-stale=1", "0", .notUsed),
            ("max-age=1", "max-stale", "0", .used),
            ("max-age=1, must-revalidate", "max-stale=1000", "0", .notUsed),
            ("s-maxage=1", "max-stale=1000", "0", .notUsed),
            ("max-age=3600", "no-cache", "0", .notUsed),
            ("max-age=3600", "no-store", "0", .used),
            ("max-age=3600", "only-if-cached", "0", .used),
        ]
    )
    func wishes(_ response: String, _ request: String, _ age: String, _ expectation: ReuseCase.Expectation) {
        let fields = [("Cache-Control", response), ("Age", age), ("Date", "@0"), ("Expires", "@-1")]
        let reuse = ReuseCase(expectation, request, fields, later: [("Cache-Control", request)])
        #expect(reuse.outcome() == expectation)
    }

    @Test("what is asked to be validated is, with what is stored")
    func validates() {
        for (name, value) in [("Cache-Control", "no-cache"), ("Cache-Control", "max-age=0"), ("Pragma", "no-cache")] {
            let fields = [("Cache-Control", "max-age=3600"), ("ETag", "\"a\"")]
            #expect(ReuseCase(.validated, value, fields, later: [(name, value)]).outcome() == .validated)
        }
    }

    @Test("nothing is stored for a request that says no-store")
    func noStore() {
        let fields = [("Cache-Control", "max-age=3600")]
        let request = [("Cache-Control", "no-store")]
        #expect(ReuseCase(.notUsed, "no-store", fields, request: request, later: []).outcome() == .notUsed)
    }

    @Test("only-if-cached is answered with 504 where nothing is stored, or only what is stale")
    func onlyIfCached() {
        var cache = ModelCache()
        let request = [("Cache-Control", "only-if-cached")]
        #expect(cache.send("GET", "/", request).response.status == .gatewayTimeout)
        _ = cache.send(to: .init(fields: [("Cache-Control", "max-age=2")]))
        cache.wait(3)
        #expect(cache.send("GET", "/", request).response.status == .gatewayTimeout)
    }

    @Test("a cache may be set not to obey, so that clients cannot make the origin work")
    func disobeying() {
        var configuration = SharedCache.Configuration()
        configuration.obeysRequests = false
        for value in ["no-cache", "max-age=0", "min-fresh=99999"] {
            let fields = [("Cache-Control", "max-age=3600")]
            let reuse = ReuseCase(.used, value, fields, later: [("Cache-Control", value)])
            #expect(reuse.outcome(configuration) == .used)
        }
    }
}
