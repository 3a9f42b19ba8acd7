import Foundation
import Larder
import LarderEdge
import LarderTesting
import Testing

@Suite("Purges that follow the invalidation log", .timeLimit(.minutes(10)))
struct EdgeInvalidatorTests {
    private func fastly(_ server: VendorServer) throws -> FastlyPurger {
        try FastlyPurger(service: "S", token: EdgeSecret("s3cret"), base: server.base)
    }

    /// Runs an invalidator on a log and a queue that knows the log's end already.
    private func run(
        _ purgers: [any EdgePurger],
        settings: EdgeInvalidator.Configuration = InvalidatorHarness.settings,
        log capture: LogRecorder = LogRecorder(),
        _ body: @Sendable (LocalInvalidationLog, EdgeInvalidator) async throws -> Void
    ) async throws {
        let log = LocalInvalidationLog()
        let queue = MemoryPurgeQueue()
        try await queue.add([], movingTo: log.end)
        let invalidator = try EdgeInvalidator(
            log: log,
            purgers: purgers,
            mapping: .keyTags,
            queue: queue,
            configuration: settings,
            logger: capture.logger
        )
        try await InvalidatorHarness.run(invalidator) { try await body(log, invalidator) }
    }

    private func tags(_ received: [VendorServer.Received]) -> Set<String> {
        Set(received.flatMap { $0.body.split(separator: "\"").filter { $0.hasPrefix("t-") }.map(String.init) })
    }

    @Test("a tag that is invalidated is purged, and once more after the longest load")
    func purgesTwice() async throws {
        try await VendorServer.withServer { server in
            try await run([fastly(server)]) { log, invalidator in
                _ = try await log.append(InvalidationRecord(.tags(["t-1"]), in: "notes"))
                try await InvalidatorHarness.wait { invalidator.statistics["fastly"]?.echoes == 1 }
                #expect(invalidator.statistics["fastly"]?.purged == 1)
                let bodies = server.received.map(\.body)
                // Fastly wants no less than two seconds between the two, which the second one has waited for.
                #expect(bodies == [#"{"surrogate_keys":["t-1"]}"#, #"{"surrogate_keys":["t-1"]}"#])
            }
        }
    }

    @Test("what comes together travels together, within the limit of a request")
    func batches() async throws {
        try await VendorServer.withServer { server in
            try await run([fastly(server)]) { log, invalidator in
                for part in 0..<10 {
                    let tags = (0..<100).map { "t-\(part)-\($0)" }
                    _ = try await log.append(InvalidationRecord(.tags(tags + tags), in: "notes"))
                }
                try await InvalidatorHarness.wait { invalidator.statistics["fastly"]?.purged ?? 0 >= 1_000 }
                let first = server.received.filter { !$0.body.isEmpty }
                #expect(tags(first).count == 1_000)
                for request in first { #expect(request.body.split(separator: ",").count <= 256) }
            }
        }
    }

    @Test("keys become tags, patterns and everything the tag of the namespace, soft stays soft")
    func mapping() async throws {
        try await VendorServer.withServer { server in
            try await run([VarnishPurger(base: server.base)]) { log, invalidator in
                _ = try await log.append([
                    InvalidationRecord(.keys([StoreKey("notes/7")]), in: "notes", isSoft: true),
                    InvalidationRecord(.everything, in: "pages"),
                    InvalidationRecord(.pattern(try KeyPattern("user/*")), in: "users"),
                ])
                try await InvalidatorHarness.wait { invalidator.statistics["varnish"]?.purged == 3 }
                #expect(server.received.contains { $0["xkey-softpurge"] == "key/notes/7" })
                let hard = server.received.compactMap { $0["xkey-purge"] }.joined(separator: " ")
                #expect(hard.contains("ns/pages") && hard.contains("ns/users"))
            }
        }
    }

    @Test(
        "failures are met with patience: 429, 5xx, a hang and a cut end in the same purge",
        arguments: [
            VendorServer.Answer.reply(429, [("Retry-After", "0")]), .reply(500), .reply(503), .silence, .cut,
        ]
    )
    func failures(_ failure: VendorServer.Answer) async throws {
        try await VendorServer.withServer { server in
            server.answer(failure, failure)
            var settings = InvalidatorHarness.settings
            settings.requestTimeout = .milliseconds(300)
            let capture = LogRecorder()
            try await run([fastly(server)], settings: settings, log: capture) { log, invalidator in
                _ = try await log.append(InvalidationRecord(.tags(["t-1"]), in: "notes"))
                try await InvalidatorHarness.wait { invalidator.statistics["fastly"]?.purged == 1 }
                #expect(server.received.count >= 3)
                #expect(Set(server.received.map(\.body)).count == 1)
                #expect(invalidator.statistics["fastly"]?.lastError != nil)
            }
            #expect(!capture.text.contains("s3cret") && !capture.text.isEmpty)
        }
    }

    @Test("a vendor that names a time to wait is not asked before it has passed")
    func retryAfter() async throws {
        let clock = ManualClock()
        let transport = ScriptedTransport(
            clock: clock,
            replies: [
                EdgeReply(status: 429, fields: ["retry-after": "2"]),
                EdgeReply(status: 503, fields: ["retry-after": "3"]),
            ]
        )
        let log = LocalInvalidationLog()
        let queue = MemoryPurgeQueue()
        try await queue.add([], movingTo: log.end)
        let invalidator = try EdgeInvalidator(
            log: log,
            purgers: [FastlyPurger(service: "S", token: EdgeSecret("s3cret"))],
            mapping: .keyTags,
            queue: queue,
            transport: transport,
            configuration: InvalidatorHarness.settings,
            clock: clock,
            wallTime: { Int64(clock.now.offset / .milliseconds(1)) }
        )
        try await InvalidatorHarness.run(invalidator) {
            _ = try await log.append(InvalidationRecord(.tags(["t-1"]), in: "notes"))
            try await InvalidatorHarness.wait {
                clock.advance(by: .milliseconds(50))
                return invalidator.statistics["fastly"]?.purged == 1
            }
            let moments = transport.moments
            #expect(moments.count >= 3)
            for (number, wait) in [Duration.seconds(2), .seconds(3)].enumerated() {
                #expect(moments[number + 1] - moments[number] >= wait)
            }
        }
    }

    @Test("a batch that is too large goes in halves")
    func splits() async throws {
        try await VendorServer.withServer { server in
            server.answer(.reply(413))
            try await run([fastly(server)]) { log, invalidator in
                _ = try await log.append(InvalidationRecord(.tags(["t-1", "t-2", "t-3"]), in: "notes"))
                try await InvalidatorHarness.wait { invalidator.statistics["fastly"]?.purged == 3 }
                #expect(tags(Array(server.received.dropFirst())).count == 3)
                #expect(server.received.count >= 3)
            }
        }
    }

    @Test("what is refused is given up aloud, and does not stop what follows")
    func rejections() async throws {
        try await VendorServer.withServer { server in
            server.answer(.reply(403))
            let capture = LogRecorder()
            try await run([fastly(server)], log: capture) { log, invalidator in
                _ = try await log.append(InvalidationRecord(.tags(["t-1"]), in: "notes"))
                try await InvalidatorHarness.wait { invalidator.statistics["fastly"]?.rejected == 1 }
                _ = try await log.append(InvalidationRecord(.tags(["t-2"]), in: "notes"))
                try await InvalidatorHarness.wait { invalidator.statistics["fastly"]?.purged == 1 }
            }
            #expect(capture.text.contains("403") && capture.text.contains("t-1"))
        }
    }

    @Test("a vendor that is down delays no other, is reported, and gets all once it is back")
    func oneDown() async throws {
        try await VendorServer.withServer { down in
            try await VendorServer.withServer { up in
                down.answer(otherwise: .reply(503))
                var settings = InvalidatorHarness.settings
                settings.alertLag = .milliseconds(100)
                let alerts = AsyncStream<EdgeAlert>.makeStream()
                settings.onAlert = { alerts.continuation.yield($0) }
                let purgers: [any EdgePurger] = [
                    try VarnishPurger(base: down.base, name: "down"), try VarnishPurger(base: up.base, name: "up"),
                ]
                try await run(purgers, settings: settings) { log, invalidator in
                    _ = try await log.append(InvalidationRecord(.tags(["t-1"]), in: "notes"))
                    try await InvalidatorHarness.wait { invalidator.statistics["up"]?.purged == 1 }
                    #expect(invalidator.statistics["down"]?.purged == 0)
                    var iterator = alerts.stream.makeAsyncIterator()
                    // A busy machine may have the other one behind for a moment, too.
                    while case .some(let alert) = await iterator.next() {
                        if case .behind("down", _, _) = alert { break }
                    }
                    try await InvalidatorHarness.wait {
                        invalidator.statistics["down"]?.lastError?.contains("503") == true
                    }
                    down.answer(otherwise: .reply(200))
                    while let alert = await iterator.next(), alert != .caughtUp(purger: "down") {}
                    #expect(invalidator.statistics["down"]?.purged == 1)
                }
            }
        }
    }

    @Test("a reader that knows no position, or has missed records, purges everything")
    func gaps() async throws {
        try await VendorServer.withServer { server in
            let invalidator = try EdgeInvalidator(
                log: LocalInvalidationLog(),
                purgers: [VarnishPurger(base: server.base)],
                mapping: .keyTags,
                queue: MemoryPurgeQueue(),
                configuration: InvalidatorHarness.settings
            )
            try await InvalidatorHarness.run(invalidator) {
                try await InvalidatorHarness.wait { server.received.contains { $0["x-ban-all"] == "1" } }
            }
        }
    }

    @Test("what was not accepted when the process ended is sent by the next one, and nothing is lost in between")
    func restart() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "purges.sqlite").path
        let log = LocalInvalidationLog()
        try await VendorServer.withServer { server in
            let make: @Sendable () throws -> EdgeInvalidator = {
                try EdgeInvalidator(
                    log: log,
                    purgers: [VarnishPurger(base: server.base)],
                    mapping: .keyTags,
                    queue: SQLitePurgeQueue(path: path),
                    configuration: InvalidatorHarness.settings
                )
            }
            server.answer(otherwise: .reply(503))
            try await SQLitePurgeQueue(path: path).add([], movingTo: log.end)
            try await InvalidatorHarness.run(make()) {
                _ = try await log.append(InvalidationRecord(.tags(["t-1"]), in: "notes"))
                try await InvalidatorHarness.wait { !server.received.isEmpty }
            }
            _ = try await log.append(InvalidationRecord(.tags(["t-2"]), in: "notes"))
            server.answer(otherwise: .reply(200))
            let second = try make()
            try await InvalidatorHarness.run(second) {
                try await InvalidatorHarness.wait { second.statistics["varnish"]?.purged ?? 0 >= 2 }
            }
            let keys = server.received.compactMap { $0["xkey-purge"] }.joined(separator: " ")
            #expect(keys.contains("t-1") && keys.contains("t-2"))
            #expect(!server.received.contains { $0["x-ban-all"] != nil })
        }
    }

    @Test("settings out of range and equal names are refused")
    func refused() throws {
        var settings = InvalidatorHarness.settings
        settings.requestTimeout = .zero
        let purger = try VarnishPurger(base: "http://127.0.0.1:1")
        for (purgers, settings) in [([purger], settings), ([purger, purger], InvalidatorHarness.settings)] {
            #expect(throws: EdgeError.self) {
                try EdgeInvalidator(
                    log: LocalInvalidationLog(),
                    purgers: purgers,
                    mapping: .keyTags,
                    queue: MemoryPurgeQueue(),
                    configuration: settings
                )
            }
        }
    }
}
