import HTTPCaching
import HTTPTypes
import Testing

@Suite("Ranges of a stored response, RFC 9110, section 14")
struct RangeTests {
    private func reply(_ range: String, _ more: [(String, String)] = [], status: Int = 200) -> ModelCache.Reply {
        var cache = ModelCache()
        let fields = [
            ("Cache-Control", "max-age=3600"), ("ETag", "\"a\""), ("Last-Modified", cache.date(-99)), ("A", "1"),
            ("Content-Length", "11"),
        ]
        _ = cache.send(to: .init(status: status, fields: fields, body: "01234567890"))
        return cache.send("GET", "/", [("Range", range)] + more)
    }

    @Test(
        "one range is answered with its bytes",
        arguments: [
            ("bytes=0-1", "01", "bytes 0-1/11"), ("bytes=1-", "1234567890", "bytes 1-10/11"),
            ("bytes=-1", "0", "bytes 10-10/11"),
            ("bytes=-99", "01234567890", "bytes 0-10/11"), ("bytes=9-999999999999", "90", "bytes 9-10/11"),
            ("Bytes=3-3", "3", "bytes 3-3/11"), ("bytes=0-9223372036854775807", "01234567890", "bytes 0-10/11"),
        ]
    )
    func ranges(_ range: String, _ body: String, _ told: String) {
        let reply = reply(range)
        #expect(reply.isFromCache && reply.response.status == .partialContent)
        #expect(reply.body == body && reply["Content-Range"] == told && reply["A"] == "1")
        #expect(reply["Content-Length"] == String(body.utf8.count))
    }

    @Test("a range that is not there is answered with 416", arguments: ["bytes=11-", "bytes=50-60", "bytes=-0"])
    func notThere(_ range: String) {
        let reply = reply(range)
        #expect(reply.response.status == .rangeNotSatisfiable && reply["Content-Range"] == "bytes */11")
        #expect(reply.body.isEmpty)
    }

    @Test(
        "what is no single range of bytes is answered with the whole",
        arguments: [
            "bytes=0-1,3-4", "lines=0-1", "bytes=", "bytes=-", "bytes=2-1", "bytes=a-b", "bytes=+1-2", "bytes=1-2-3",
            "bytes=99999999999999999999-",
        ]
    )
    func whole(_ range: String) {
        let reply = reply(range)
        #expect(reply.response.status == .ok && reply.body == "01234567890")
    }

    @Test("If-Range asks for the whole of another version")
    func ifRange() {
        let date = ModelCache().date(-99)
        for (condition, isPart) in [
            ("\"a\"", true), ("\"b\"", false), ("W/\"a\"", false), (date, true), (ModelCache().date(), false),
            ("x", false),
        ] {
            let reply = reply("bytes=0-1", [("If-Range", condition)])
            #expect((reply.response.status == .partialContent) == isPart, "\(condition)")
        }
    }

    @Test("a range of what is not stored goes to the origin, and what comes is not stored")
    func notStored() {
        var cache = ModelCache()
        let part = ModelCache.Origin(
            status: 206,
            fields: [("Cache-Control", "max-age=3600"), ("Content-Range", "bytes 0-1/11")],
            body: "01"
        )
        let reply = cache.send("GET", "/", [("Range", "bytes=0-1")], to: part)
        #expect(reply.asked.first?.headerFields[.range] == "bytes=0-1" && reply.body == "01")
        #expect(!cache.send().isFromCache)
    }

    @Test("ranges are of successful responses alone")
    func errors() {
        #expect(reply("bytes=0-1", status: 404).body == "01234567890")
    }
}
