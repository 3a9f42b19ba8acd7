import AsyncHTTPClient
import Larder
import LarderEdge
import LarderTesting
import NIOCore
import NIOHTTP1
import Testing

@Suite("A real Varnish", .enabled(if: VarnishServer.executable != nil), .timeLimit(.minutes(10)))
struct VarnishTests {
    private func isHit(_ base: String, _ path: String) async throws -> Bool {
        let response = try await HTTPClient.shared.execute(HTTPClientRequest(url: base + path), timeout: .seconds(30))
        _ = try await response.body.collect(upTo: 1 << 20)
        return response.headers.first(name: "Cache-Status")?.contains("hit") == true
    }

    @Test("an invalidated tag is fetched anew, and what does not carry it stays a hit")
    func tags() async throws {
        try await VendorServer.withServer { origin in
            let fields = [("Cache-Control", "max-age=600")]
            origin.answer(otherwise: .reply(200, fields + [("xkey", "t-1 ns/notes")], "one"))
            let varnish = try await VarnishServer(originPort: origin.port, configuration: VarnishServer.configuration())
            defer { varnish.stop() }
            let base = varnish.base
            _ = try await isHit(base, "/one")
            origin.answer(otherwise: .reply(200, fields + [("xkey", "t-2 ns/notes")], "two"))
            _ = try await isHit(base, "/two")
            #expect(try await isHit(base, "/one"))
            #expect(try await isHit(base, "/two"))
            let log = LocalInvalidationLog()
            let queue = MemoryPurgeQueue()
            try await queue.add([], movingTo: log.end)
            let invalidator = try EdgeInvalidator(
                log: log,
                purgers: [VarnishPurger(base: base)],
                mapping: .keyTags,
                queue: queue,
                configuration: InvalidatorHarness.settings
            )
            try await InvalidatorHarness.run(invalidator) {
                _ = try await log.append(InvalidationRecord(.tags(["t-1"]), in: "notes"))
                try await InvalidatorHarness.wait { invalidator.statistics["varnish"]?.echoes == 1 }
                #expect(try await !isHit(base, "/one"))
                #expect(try await isHit(base, "/two"))
                _ = try await log.append(InvalidationRecord(.everything, in: "notes"))
                try await InvalidatorHarness.wait { invalidator.statistics["varnish"]?.echoes == 2 }
                #expect(try await !isHit(base, "/two"))
            }
        }
    }

    @Test("URLs, prefixes and everything are purged, softly where it is asked for")
    func selectors() async throws {
        try await VendorServer.withServer { origin in
            let fields = [("Cache-Control", "max-age=600, stale-while-revalidate=600")]
            origin.answer(otherwise: .reply(200, fields, "x"))
            let varnish = try await VarnishServer(originPort: origin.port, configuration: VarnishServer.configuration())
            defer { varnish.stop() }
            let base = varnish.base
            let purger = try VarnishPurger(base: base)
            for (selector, isSoft, isGone) in [
                (EdgeSelector.url(base + "/a?b"), false, true), (.url(base + "/other"), false, false),
                (.url(base + "/a?b"), true, false), (.prefix(base + "/a?"), false, true),
                (.prefix(base + "/b"), false, false), (.host(String(base.dropFirst(7))), false, true),
                (.everything, false, true),
            ] {
                _ = try await isHit(base, "/a?b")
                #expect(try await isHit(base, "/a?b"))
                let context = EdgeCallContext(secondsSince1970: 0, identifier: "")
                for call in try purger.calls(for: [selector], isSoft: isSoft, context: context) {
                    let reply = try await HTTPEdgeTransport().send(call, timeout: .seconds(30))
                    #expect(purger.outcome(of: reply) == .done, "\(selector)")
                }
                #expect(try await isHit(base, "/a?b") == !isGone, "\(selector)")
            }
        }
    }
}
