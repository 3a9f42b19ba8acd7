import Hummingbird
import Larder
import LarderHummingbird
import MemoryCache
import NIOCore
import Testing

@Suite("The response cache of an application", .timeLimit(.minutes(10)))
struct ResponseCacheTests {
    private typealias Harness = ResponseCacheHarness

    @Test("a response is made once and served from then on, whole, in part, and without its body")
    func hit() async throws {
        let server = try Harness { _ in Harness.response([("Cache-Control", "max-age=60")]) }
        let first = try await server.send()
        server.wait(3)
        let second = try await server.send()
        #expect(first.body == "hello" && !first.isHit && second.body == "hello" && second.isHit)
        #expect(second["Age"] == "3" && second["Content-Length"] == "5")
        let head = try await server.send(method: .head)
        #expect(head.isHit && head.body.isEmpty && head["Content-Length"] == "5")
        let part = try await server.send("/a", [("Range", "bytes=1-2")])
        #expect(part.status == 206 && part.body == "el" && part["Content-Length"] == "2")
        #expect(server.runs == 1)
        server.wait(60)
        #expect(try await !server.send().isHit)
    }

    @Test(
        "what says nothing of its lifetime, or is for one user alone, is made for each",
        arguments: [
            [], [("Cache-Control", "no-store")], [("Cache-Control", "private, max-age=60")],
            [("Cache-Control", "max-age=60"), ("Set-Cookie", "a=b")],
        ]
    )
    func unshared(_ fields: [(String, String)]) async throws {
        let server = try Harness { _ in Harness.response(fields) }
        for _ in 0..<2 { #expect(try await !server.send().isHit) }
        #expect(server.runs == 2)
    }

    @Test("what a user with credentials gets is for others only with leave")
    func authorized() async throws {
        for (value, isShared) in [("max-age=60", false), ("max-age=60, public", true)] {
            let server = try Harness { _ in Harness.response([("Cache-Control", value)]) }
            _ = try await server.send("/a", [("Authorization", "Basic x")])
            #expect(try await server.send().isHit == isShared)
        }
    }

    @Test("a dynamic route has an entity tag of its own, and says 304 to who has the response")
    func conditional() async throws {
        let server = try Harness { _ in Harness.response([]) }
        let first = try await server.send()
        let tag = try #require(first["ETag"])
        let second = try await server.send("/a", [("If-None-Match", tag)])
        #expect(second.status == 304 && second.body.isEmpty && second["ETag"] == tag)
        #expect(try await server.send("/a", [("If-None-Match", "\"other\"")]).status == 200)
        #expect(server.runs == 3)
    }

    @Test("a handler is asked if a stale response still holds, and says so without making it again")
    func validation() async throws {
        let server = try Harness { request in
            let isKnown = request.headers[.ifNoneMatch] == "\"v1\""
            return isKnown
                ? Response(status: .notModified, headers: [.eTag: "\"v1\"", .cacheControl: "max-age=60"])
                : Harness.response([("Cache-Control", "max-age=1"), ("ETag", "\"v1\"")])
        }
        _ = try await server.send()
        server.wait(3)
        let confirmed = try await server.send()
        #expect(confirmed.status == 200 && confirmed.body == "hello" && !confirmed.isHit)
        server.wait(3)
        #expect(try await server.send().isHit)
        #expect(server.runs == 2)
    }

    @Test("variants live side by side, and unsafe methods remove all of them")
    func variants() async throws {
        let server = try Harness { request in
            guard request.method == .get else { return Response(status: .noContent) }
            let language = request.headers[.acceptLanguage] ?? ""
            return Harness.response(
                [("Cache-Control", "max-age=60"), ("Vary", "Accept-Language")],
                body: language
            )
        }
        for isHit in [false, true] {
            for language in ["en", "de"] {
                let reply = try await server.send("/a", [("Accept-Language", language)])
                #expect(reply.body == language && reply.isHit == isHit)
            }
        }
        #expect(try await server.send(method: .delete).status == 204)
        #expect(try await !server.send("/a", [("Accept-Language", "en")]).isHit)
    }

    @Test("who wants nothing but what is stored gets 504 for all else")
    func onlyIfCached() async throws {
        let server = try Harness { _ in Harness.response([("Cache-Control", "max-age=60")]) }
        #expect(try await server.send("/a", [("Cache-Control", "only-if-cached")]).status == 504)
        #expect(server.runs == 0)
        _ = try await server.send()
        #expect(try await server.send("/a", [("Cache-Control", "only-if-cached")]).status == 200)
    }

    @Test("a body that comes in parts is stored as it is sent, and one over the limit is not")
    func streaming() async throws {
        var configuration = ResponseCacheConfiguration()
        configuration.maximumStoredBody = 100_000
        let server = try Harness(configuration) { request in
            let count = request.uri.path == "/large" ? 200 : 50
            let body = ResponseBody { writer in
                for number in 0..<count {
                    try await writer.write(ByteBuffer(repeating: UInt8(ascii: "a") + UInt8(number % 26), count: 1_000))
                }
                try await writer.finish(nil)
            }
            return Response(status: .ok, headers: [.cacheControl: "max-age=60"], body: body)
        }
        for (path, length, isStored) in [("/small", 50_000, true), ("/large", 200_000, false)] {
            let first = try await server.send(path)
            let second = try await server.send(path)
            #expect(first.body == second.body && first.body.utf8.count == length)
            #expect(!first.isHit && second.isHit == isStored)
        }
    }

    @Test("fifty parallel requests run the handler once, also if its response comes in parts")
    func coalescing() async throws {
        for isStreamed in [false, true] {
            let server = try Harness { _ in
                try await Task.sleep(for: .milliseconds(200))
                guard isStreamed else { return Harness.response([("Cache-Control", "max-age=60")]) }
                let body = ResponseBody { writer in
                    try await writer.write(ByteBuffer(string: "hello"))
                    try await writer.finish(nil)
                }
                return Response(status: .ok, headers: [.cacheControl: "max-age=60"], body: body)
            }
            try await withThrowingTaskGroup { group in
                for _ in 0..<50 { group.addTask { try await server.send() } }
                for try await reply in group { #expect(reply.body == "hello") }
            }
            #expect(server.runs == 1)
        }
    }

    @Test("parallel requests of something that is for each alone do not wait for each other")
    func uncacheable() async throws {
        let running = Locked((now: 0, most: 0))
        let server = try Harness { _ in
            running.withLock { running in
                running.now += 1
                running.most = max(running.most, running.now)
            }
            // All of them have to be here at once before the first may go.
            while running.withLock({ $0.most < 19 }) { try await Task.sleep(for: .milliseconds(2)) }
            running.withLock { $0.now -= 1 }
            return Harness.response([("Cache-Control", "no-store")])
        }
        _ = Task {
            // The first one leads, and shows that the others need not wait.
            while server.runs == 0 { try await Task.sleep(for: .milliseconds(2)) }
            running.withLock { $0.most = max($0.most, 19) }
        }
        try await withThrowingTaskGroup { group in
            for _ in 0..<20 { group.addTask { try await server.send() } }
            for try await reply in group { #expect(reply.body == "hello") }
        }
        #expect(server.runs == 20)
    }

    @Test("a handler that fails is stood in for by what is stale, if the response allows it")
    func failure() async throws {
        let isDown = Locked(false)
        let server = try Harness { _ in
            if isDown.withLock({ $0 }) { throw HTTPError(.serviceUnavailable) }
            return Harness.response([("Cache-Control", "max-age=1, stale-if-error=60")])
        }
        _ = try await server.send()
        server.wait(3)
        isDown.withLock { $0 = true }
        let reply = try await server.send()
        #expect(reply.status == 200 && reply.body == "hello")
        #expect(try await server.send("/b").status == 503)
        server.wait(100)
        #expect(try await server.send().status == 503)
    }

    @Test("tags from the handler purge its responses, softly or not, also while they are being made")
    func tags() async throws {
        let isSlow = Locked(false)
        let server = try Harness { _ in
            while isSlow.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(2)) }
            var response = Harness.response([("Cache-Control", "max-age=60, stale-if-error=60")])
            response.addTags(["note-1", "note-2"])
            return response
        }
        #expect(try await server.send()["Surrogate-Key"] == "note-1 note-2")
        server.cache.purge(tagged: ["other"])
        #expect(try await server.send().isHit)
        for isSoft in [true, false] {
            server.cache.purge(tagged: ["note-2"], isSoft: isSoft)
            #expect(try await !server.send().isHit)
            #expect(try await server.send().isHit)
        }
        isSlow.withLock { $0 = true }
        let runs = server.runs
        async let slow = server.send("/slow")
        while server.runs == runs { try await Task.sleep(for: .milliseconds(2)) }
        server.cache.purge(tagged: ["note-1"])
        isSlow.withLock { $0 = false }
        let body = try await slow.body
        #expect(body == "hello")
        #expect(try await !server.send("/slow").isHit)
        server.cache.purge(url: "http://localhost/a")
        #expect(try await !server.send().isHit)
    }

    @Test("what the cache invalidates is purged on each node that follows the log")
    func follower() async throws {
        let server = try Harness { _ in
            var response = Harness.response([("Cache-Control", "max-age=60")])
            response.addTags(["note-1"])
            return response
        }
        let log = LocalInvalidationLog()
        let follower = Task { try await ResponseCacheFollower(server.cache, log: log).run() }
        defer { follower.cancel() }
        _ = try await server.send()
        _ = try await log.append(InvalidationRecord(.tags(["note-1"]), in: "notes"))
        while try await server.send().isHit { try await Task.sleep(for: .milliseconds(2)) }
        #expect(server.runs >= 2)
    }
}
