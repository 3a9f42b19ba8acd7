import HTTPCaching
import HTTPTypes
import Testing

@Suite("Validation, RFC 9111, section 4.3")
struct ValidationTests {
    private let short = ("Cache-Control", "max-age=1")
    private let long = ("Cache-Control", "max-age=3600")

    /// A stale response, its confirmation, and what is served then.
    private func afterConfirmation(
        _ fields: [(String, String)],
        _ confirmation: [(String, String)]
    ) -> (during: ModelCache.Reply, after: ModelCache.Reply) {
        var cache = ModelCache()
        _ = cache.send(to: .init(fields: fields))
        cache.wait(3)
        let during = cache.send(to: .init(fields: confirmation, body: "new", confirms: true))
        cache.wait(3)
        return (during, cache.send(to: .init(body: "newest")))
    }

    @Test("a stale response is asked about with its own validators", arguments: ["\"abc\"", "W/\"abc\"", "abc"])
    func conditions(_ tag: String) {
        let modified = ModelCache().date(-3_000)
        let (during, after) = afterConfirmation(
            [short, ("ETag", tag), ("Last-Modified", modified)],
            [long]
        )
        #expect(during.asked.first?.headerFields[.ifNoneMatch] == tag)
        #expect(during.asked.first?.headerFields[.ifModifiedSince] == modified)
        #expect(during.response.status == .ok && during.body == "the body")
        #expect(after.isFromCache && after.body == "the body")
    }

    @Test(
        "a confirmation replaces the fields that it has, now and in the store",
        arguments: [
            "Test-Header", "X-Test-Header", "Content-Foo", "Content-Type", "Content-MD5", "Content-Location",
            "Content-Security-Policy", "X-Frame-Options", "Clear-Site-Data",
        ]
    )
    func updates(_ name: String) {
        let (during, after) = afterConfirmation(
            [short, ("ETag", "\"a\""), (name, "old"), ("Kept", "1")],
            [long, ("ETag", "\"a\""), (name, "new")]
        )
        #expect(during[name] == "new" && after[name] == "new")
        #expect(after["Kept"] == "1" && after["Cache-Control"] == "max-age=3600")
    }

    @Test(
        "a confirmation does not change how the stored body is to be read",
        arguments: [
            "Content-Length", "Content-Encoding", "Content-Range",
        ]
    )
    func keeps(_ name: String) {
        let (during, after) = afterConfirmation([short, ("ETag", "\"a\""), (name, "8")], [long, (name, "9")])
        #expect(during[name] == "8" && after[name] == "8")
    }

    @Test("a confirmation of another response is none")
    func mismatch() {
        var cache = ModelCache()
        _ = cache.send(to: .init(fields: [short, ("ETag", "\"a\"")]))
        cache.wait(3)
        let origin = ModelCache.Origin(fields: [long, ("ETag", "\"b\"")], body: "new", confirms: true)
        let reply = cache.send(to: origin)
        #expect(reply.asked.count == 2 && reply.body == "new")
        #expect(reply.asked.last?.headerFields[.ifNoneMatch] == nil)
    }

    @Test("a confirmation that forbids storing is used once")
    func last() {
        let (during, after) = afterConfirmation(
            [short, ("ETag", "\"a\"")],
            [("Cache-Control", "no-store"), ("ETag", "\"a\"")]
        )
        #expect(during.body == "the body" && after.body == "newest")
    }

    @Test("a new response replaces the stale one, and one that must not be stored removes it")
    func replacement() {
        for (fields, isStored) in [([long], true), ([("Cache-Control", "no-store")], false)] {
            var cache = ModelCache()
            _ = cache.send(to: .init(fields: [("Cache-Control", "max-age=1, stale-if-error=999"), ("ETag", "\"a\"")]))
            cache.wait(3)
            #expect(cache.send(to: .init(fields: fields, body: "new")).body == "new")
            let reply = cache.send(to: nil)
            #expect(reply.body == (isStored ? "new" : ""))
        }
    }

    @Test("fields that Vary names go with the question")
    func varied() {
        var cache = ModelCache()
        _ = cache.send("GET", "/", [("Abc", "123")], to: .init(fields: [short, ("ETag", "\"a\""), ("Vary", "Abc")]))
        cache.wait(3)
        let asked = cache.send("GET", "/", [("Abc", "123")], to: .init(confirms: true)).asked.first
        #expect(asked?.headerFields.first { $0.name.canonicalName == "abc" }?.value == "123")
        #expect(asked?.headerFields[.ifNoneMatch] == "\"a\"")
        cache.wait(9_999)
        let other = cache.send("GET", "/", [("Abc", "456")]).asked.first
        #expect(other?.headerFields[.ifNoneMatch] == nil)
    }

    @Test("credentials that confirm a response do not take it from others")
    func authorized() {
        var cache = ModelCache()
        let fields = [("Cache-Control", "max-age=1, stale-if-error=999"), ("ETag", "\"a\"")]
        _ = cache.send(to: .init(fields: fields))
        cache.wait(3)
        _ = cache.send("GET", "/", [("Authorization", "FOO")], to: .init(fields: [long], confirms: true))
        #expect(cache.send(to: nil).body == "the body")
    }

    @Test("the answer to HEAD freshens what is stored, or shows that it has changed")
    func head() {
        for (tag, isKept) in [("\"a\"", true), ("\"b\"", false)] {
            var cache = ModelCache()
            _ = cache.send(to: .init(fields: [("Cache-Control", "max-age=1, stale-if-error=999"), ("ETag", "\"a\"")]))
            cache.wait(3)
            let reply = cache.send("HEAD", "/", [], to: .init(fields: [("ETag", tag)]))
            #expect(reply.body.isEmpty && reply.asked.first?.method == .head)
            #expect((cache.send(to: nil).body == "the body") == isKept)
        }
    }
}

@Suite("The client's conditions, RFC 9111, section 4.3.2")
struct ConditionTests {
    private let fresh = ("Cache-Control", "max-age=100000")

    private func reply(
        _ stored: [(String, String)],
        _ conditions: [(String, String)],
        method: String = "GET"
    ) -> ModelCache.Reply {
        var cache = ModelCache()
        _ = cache.send(to: .init(fields: [fresh] + stored))
        cache.wait(3)
        return cache.send(method, "/", conditions)
    }

    @Test(
        "a tag that the client has is answered with 304",
        arguments: [
            ("\"abc\"", "\"abc\""), ("W/\"abc\"", "W/\"abc\""), ("\"abc\"", "W/\"abc\""), ("\"abc\"", "\"abc\", \"1\""),
            ("\"abc\"", "\"1\", \"abc\", \"2\""), ("\"abc\"", "\"1\",\"abc\""), ("\"abc\"", "*"), ("abc", "abc"),
            ("\"a,b\"", "\"x\", \"a,b\""),
        ]
    )
    func tags(_ stored: String, _ asked: String) {
        let reply = reply([("ETag", stored), ("Content-Type", "text/plain")], [("If-None-Match", asked)])
        #expect(reply.isFromCache && reply.response.status == .notModified && reply.body.isEmpty)
        #expect(reply["ETag"] == stored && reply["Content-Type"] == nil && reply["Age"] == "3")
    }

    @Test("another tag is answered with the response", arguments: ["\"x\"", "\"ab\"", "", "\"abc", "\"x, abc\""])
    func otherTags(_ asked: String) {
        let reply = reply([("ETag", "\"abc\"")], [("If-None-Match", asked)])
        #expect(reply.isFromCache && reply.response.status == .ok && reply.body == "the body")
    }

    @Test("dates count where there are no tags")
    func dates() {
        let clock = ModelCache()
        let modified = [("Last-Modified", clock.date(-3_000))]
        for (since, status) in [(-3_000, 304), (-2_000, 304), (-4_000, 200)] as [(Int64, Int)] {
            #expect(reply(modified, [("If-Modified-Since", clock.date(since))]).response.status.code == status)
        }
        #expect(reply([], [("If-Modified-Since", clock.date())]).response.status == .notModified)
        #expect(reply(modified, [("If-Modified-Since", "yesterday")]).response.status == .ok)
        let tagged = modified + [("ETag", "\"a\"")]
        let both = [("If-None-Match", "\"b\""), ("If-Modified-Since", clock.date())]
        #expect(reply(tagged, both).response.status == .ok)
        let same = [("If-None-Match", "\"a\""), ("If-Modified-Since", clock.date(-9_000))]
        #expect(reply(tagged, same).response.status == .notModified)
    }

    @Test("a condition on something stale is answered from what the origin says to ours")
    func stale() {
        for confirms in [true, false] {
            var cache = ModelCache()
            _ = cache.send(to: .init(fields: [("Cache-Control", "max-age=1"), ("ETag", "\"old\"")]))
            cache.wait(3)
            let origin = ModelCache.Origin(
                fields: [("Cache-Control", "max-age=60"), ("ETag", confirms ? "\"old\"" : "\"new\"")],
                confirms: confirms
            )
            let reply = cache.send("GET", "/", [("If-None-Match", confirms ? "\"old\"" : "\"new\"")], to: origin)
            #expect(reply.asked.first?.headerFields[.ifNoneMatch] == "\"old\"")
            #expect(reply.response.status == .notModified && reply.body.isEmpty)
            #expect(cache.send().body == "the body")
        }
    }

    @Test("conditions that only the origin can judge go there")
    func forOrigin() {
        for name in ["If-Match", "If-Unmodified-Since"] {
            let reply = reply([("ETag", "\"a\"")], [(name, "\"a\"")])
            #expect(reply.asked.first?.headerFields.contains { $0.name.rawName == name } == true)
        }
        var cache = ModelCache()
        let asked = cache.send("GET", "/", [("If-None-Match", "\"a\"")]).asked.first
        #expect(asked?.headerFields[.ifNoneMatch] == "\"a\"")
    }

    @Test("HEAD is answered from the response to GET, without its body")
    func head() {
        let reply = reply([("ETag", "\"a\"")], [], method: "HEAD")
        #expect(reply.isFromCache && reply.body.isEmpty && reply.response.status == .ok)
    }
}
