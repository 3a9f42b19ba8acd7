import AsyncHTTPClient
import Larder
import LarderEdge
import LarderTesting
import NIOCore
import NIOHTTP1
import Testing

@testable import NotesVault

@Suite("The vault behind Varnish", .timeLimit(.minutes(10)), .enabled(if: VarnishServer.executable != nil))
struct EdgeTests {
    private struct Reply {
        var body: String
        var isHit: Bool
    }

    private func send(_ base: String, _ path: String, put body: String? = nil) async throws -> Reply {
        var request = HTTPClientRequest(url: base + path)
        if let body {
            request.method = .PUT
            request.body = .bytes(ByteBuffer(string: body))
        }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        return Reply(
            body: String(buffer: try await response.body.collect(upTo: 1 << 20)),
            isHit: response.headers.first(name: "Cache-Status")?.contains("hit") == true
        )
    }

    @Test("an edited note is fresh within a moment, with the pages that show it, and all others stay hits")
    func edits() async throws {
        let test = try await TestVault([
            "garden": "# Garden\n\nSee [[pond]].", "pond": "# Pond", "attic": "# Attic", "cellar": "# Cellar",
        ])
        let log = LocalInvalidationLog()
        let system = try CacheSystem(log: log, logger: TestVault.logger)
        let caches = try NoteCaches(system)
        let repository = CachedNoteRepository(vault: test.vault, caches: caches, logger: TestVault.logger)
        let router = NotesRouter(
            repository: repository,
            monitor: ServiceMonitor(vault: test.vault, caches: caches),
            logger: TestVault.logger,
            edge: try NoteEdge(caches)
        )
        let base = try await TemporaryServer.run(router, host: "127.0.0.1", logger: TestVault.logger) { port in
            let varnish = try await VarnishServer(originPort: port, configuration: VarnishServer.configuration())
            defer { varnish.stop() }
            let queue = MemoryPurgeQueue()
            try await queue.add([], movingTo: log.end)
            let invalidator = try EdgeInvalidator(
                log: log,
                purgers: [VarnishPurger(base: varnish.base)],
                mapping: .keyTags,
                queue: queue,
                logger: TestVault.logger
            )
            let purging = Task { try await invalidator.run() }
            defer { purging.cancel() }
            try await check(varnish.base)
            return varnish.base
        }
        #expect(!base.isEmpty)
        await system.shutdown()
    }

    private func check(_ base: String) async throws {
        let pages = ["/notes/garden", "/notes/pond", "/notes/attic", "/notes/cellar", "/api/notes/garden"]
        for isHit in [false, true] {
            for page in pages { #expect(try await send(base, page).isHit == isHit, "\(page)") }
        }
        let clock = ContinuousClock()
        let edited = clock.now
        _ = try await send(base, "/api/notes/garden", put: "# Garden in spring\n\nSee [[pond]].")
        for page in ["/notes/garden", "/notes/pond", "/api/notes/garden"] {
            while try await !send(base, page).body.contains("Garden in spring") {
                try await Task.sleep(for: .milliseconds(2))
            }
        }
        // A second is promised; a busy machine may take longer.
        #expect(clock.now - edited < .seconds(20))
        for page in ["/notes/attic", "/notes/cellar"] { #expect(try await send(base, page).isHit, "\(page)") }
    }
}
