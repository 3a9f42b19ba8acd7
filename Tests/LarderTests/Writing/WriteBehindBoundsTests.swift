import Larder
import LarderTesting
import Logging
import ServiceLifecycle
import Testing

@Suite("Write-behind at its bounds", .timeLimit(.minutes(10)))
struct WriteBehindBoundsTests {
    private let bench = Workbench()

    // MARK: Overload

    @Test("a full journal refuses where the policy says so, and takes writes again when there is room")
    func refuse() async throws {
        let cache = try await bench.open {
            $0.maximumPendingWrites = 2
            $0.overload = .refuse
        }
        try await cache.setValue(1, forKey: 1)
        try await cache.setValue(2, forKey: 2)
        #expect(await code { try await cache.setValue(3, forKey: 3) } == .overloaded)
        #expect(cache.statistics.refused == 1)
        #expect(try await cache.value(forKey: 3) == nil)
        try await bench.draining(cache) {
            try await cache.flush()
            try await cache.setValue(3, forKey: 3)
        }
    }

    @Test("a write that is too large by itself is accepted when nothing else is pending")
    func large() async throws {
        let cache = try await bench.open {
            $0.maximumPendingBytes = 1
            $0.overload = .refuse
        }
        try await cache.setValue(1, forKey: 1)
        #expect(await code { try await cache.setValue(2, forKey: 2) } == .overloaded)
    }

    @Test("a full journal has writers wait for room, or for their cancellation")
    func wait() async throws {
        let cache = try await bench.open {
            $0.maximumPendingWrites = 1
            $0.batchDelay = .zero
        }
        try await cache.setValue(1, forKey: 1)
        let waiting = (2...5).map { key in Task { try await cache.setValue(key, forKey: key) } }
        let cancelled = Task { try await cache.setValue(6, forKey: 6) }
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        #expect(cache.statistics.accepted == 1)
        try await bench.draining(cache) {
            for write in waiting { try await write.value }
            try await cache.flush()
        }
        #expect(bench.origin.values == [1: 1, 2: 2, 3: 3, 4: 4, 5: 5])
    }

    @Test("a full journal lets writes through to the sink, behind earlier ones of their key")
    func writeThrough() async throws {
        let cache = try await bench.open {
            $0.maximumPendingWrites = 1
            $0.overload = .writeThrough
        }
        try await cache.setValue(1, forKey: 7)
        try await bench.draining(cache) {
            let direct = Task { try await cache.setValue(2, forKey: 7) }
            await until { cache.statistics.pendingWrites == 2 }
            #expect(bench.disk.records.count <= 1, "it is not in the journal")
            let flush = Task { try await cache.flush() }
            try await direct.value
            try await flush.value
            #expect(try await cache.value(forKey: 7) == 2)

            bench.sink.hang()
            try await cache.setValue(3, forKey: 8)
            bench.sink.fail(.always)
            bench.sink.release()
            let failing = await code { try await cache.setValue(4, forKey: 9) }
            #expect(failing == .sinkFailed)
            bench.sink.heal()
        }
        #expect(bench.origin.writes.filter { $0.key == 7 }.map(\.change) == [.put(1), .put(2)])
        #expect(bench.origin.values[9] == nil)
        #expect(try await cache.deadLetters().isEmpty)
    }

    // MARK: Durability

    @Test("with an interval a write is served at once and on the disk after it")
    func interval() async throws {
        let cache = try await bench.open {
            $0.durability = .interval(.seconds(1))
            $0.batchDelay = .seconds(60)
        }
        try await cache.setValue(1, forKey: 1)
        #expect(try await cache.value(forKey: 1) == 1)
        #expect(bench.disk.records.isEmpty)
        try await bench.draining(cache) {
            await bench.clock.waitForSleepers(2)
            bench.clock.advance(by: .seconds(1))
            await until { bench.disk.records.count == 1 }
        }
    }

    @Test("in memory alone nothing reaches the journal but dead letters")
    func memoryOnly() async throws {
        let cache = try await bench.open { $0.durability = .memoryOnly }
        bench.origin.answer { $0.key == 2 ? .rejected(reason: "no") : .done }
        try await cache.setValue(1, forKey: 1)
        try await cache.setValue(2, forKey: 2)
        #expect(bench.disk.records.isEmpty)
        try await bench.draining(cache) {
            try await cache.flush()
            #expect(try await cache.deadLetters().count == 1)
        }
        #expect(bench.origin.values == [1: 1])
    }

    // MARK: The journal

    @Test("a journal that fails refuses writes, keeps what it has, and works again")
    func fullDisk() async throws {
        struct DiskFull: Error {}
        let cache = try await bench.open()
        try await cache.setValue(1, forKey: 1)
        bench.disk.error = DiskFull()
        #expect(await code { try await cache.setValue(2, forKey: 2) } == .journalUnavailable)
        #expect(try await cache.value(forKey: 2) == nil, "a refused write is not pending")
        #expect(try await cache.value(forKey: 1) == 1)
        try await bench.draining(cache) {
            let flush = Task { try await cache.flush() }
            await until { cache.statistics.journalFailures == 2 }
            #expect(bench.origin.calls.isEmpty, "the sink sees nothing that the journal does not know of")
            bench.disk.error = nil
            try await cache.setValue(3, forKey: 3)
            await bench.clock.waitForSleepers(2)
            bench.clock.advance(by: .seconds(1))
            try await flush.value
        }
        #expect(bench.origin.values == [1: 1, 3: 3])
        let messages = bench.log.lines.map(\.message)
        #expect(messages.filter { $0.hasPrefix("The journal fails") }.count == 1)
        #expect(messages.filter { $0.hasPrefix("The journal works") }.count == 1)
    }

    @Test("an owner whose journal was taken over writes nothing more, and ends with an error")
    func deposed() async throws {
        let first = try await bench.open()
        try await first.setValue(1, forKey: 1)
        let drain = Task { try await first.run() }
        await bench.clock.waitForSleepers(2)
        let second = try await bench.open()
        try await second.setValue(2, forKey: 1)
        #expect(await code { try await first.setValue(3, forKey: 1) } == .journalInUse)
        bench.clock.advance(by: .seconds(10))
        #expect(await code { try await drain.value } == .journalInUse)
        #expect(bench.origin.calls.isEmpty, "the first had not claimed anything before it was deposed")
        try await bench.draining(second) { try await second.flush() }
        #expect(bench.origin.values == [1: 2])
    }

    @Test("pending writes that cannot be decoded become dead letters")
    func undecodable() async throws {
        let first = try await bench.open()
        try await first.setValue(1, forKey: 1)
        let caches = try CacheSystem(clock: bench.clock, logger: bench.log.logger)
        let namespace = CacheNamespace<Int, Int>("numbers", policy: exact(), codec: .json(formatVersion: 2))
        let cache = try await WriteBehindCache(
            caches.cache(namespace),
            sink: bench.sink,
            journal: DictionaryJournal(bench.disk),
            logger: bench.log.logger
        )
        #expect(cache.statistics.pendingWrites == 0)
        #expect(try await cache.deadLetters().map(\.reason) == ["the write cannot be decoded: older schema"])
        #expect(await code { try await cache.mergeValue(1, forKey: 1) } == .invalidConfiguration)
    }

    @Test("pending writes of an older schema are taken through its steps")
    func olderSchema() async throws {
        let first = try await bench.open()
        try await first.setValue(1, forKey: 1)
        var namespace = CacheNamespace<Int, Int>("numbers", policy: exact(), codec: .json())
        namespace.schema = try CacheSchema(
            version: 2,
            [SchemaStep(from: 1, .json(), to: .json()) { (old: Int) in old + 100 }]
        )
        let cache = try await WriteBehindCache(
            CacheSystem(clock: bench.clock, logger: bench.log.logger).cache(namespace),
            sink: bench.sink,
            journal: DictionaryJournal(bench.disk),
            logger: bench.log.logger
        )
        #expect(cache.statistics.pendingWrites == 1)
        try await bench.draining(cache) { try await cache.flush() }
        #expect(bench.origin.values == [1: 101])
    }

    // MARK: Shutdown

    @Test("a graceful shutdown drains what is pending, and closes")
    func graceful() async throws {
        let cache = try await bench.open { $0.batchDelay = .seconds(60) }
        try await cache.setValue(1, forKey: 1)
        let group = ServiceGroup(services: [cache], logger: bench.log.logger)
        let run = Task { try await group.run() }
        await bench.clock.waitForSleepers(2)
        await group.triggerGracefulShutdown()
        try await run.value
        #expect(bench.origin.values == [1: 1])
        #expect(bench.disk.records.isEmpty)
        #expect(await code { try await cache.setValue(2, forKey: 2) } == .shutDown)
    }

    @Test("a graceful shutdown ends at its deadline, and what is left stays in the journal")
    func deadline() async throws {
        let cache = try await bench.open { $0.shutdownTimeout = .seconds(5) }
        bench.sink.hang(heedsCancellation: false)
        try await cache.setValue(1, forKey: 1)
        let group = ServiceGroup(services: [cache], logger: bench.log.logger)
        let run = Task { try await group.run() }
        await bench.clock.waitForSleepers(2)
        await group.triggerGracefulShutdown()
        await bench.sink.waitUntilHanging()
        await bench.clock.waitForSleepers(3)
        bench.clock.advance(by: .seconds(5))
        try await run.value
        bench.sink.release()
        #expect(bench.disk.records.count == 1)
        let second = try await bench.open()
        #expect(try await second.value(forKey: 1) == 1)
    }

    @Test("settings out of range are refused with what to do")
    func validation() async throws {
        let changes: [(inout WriteBehindPolicy) -> Void] = [
            { $0.maximumPendingWrites = 0 }, { $0.maximumPendingBytes = 0 }, { $0.batchWrites = 0 },
            { $0.batchBytes = 0 }, { $0.batchDelay = .seconds(-1) }, { $0.concurrentBatches = 0 },
            { $0.sinkTimeout = .zero }, { $0.durability = .interval(.zero) }, { $0.retry.initialDelay = .zero },
            { $0.retry.maximumDelay = .zero }, { $0.retry.jitter = 2 }, { $0.retry.maximumAttempts = 0 },
            { $0.retry.maximumAge = .zero }, { $0.shutdownTimeout = .seconds(-1) },
        ]
        for change in changes {
            #expect(await code { _ = try await bench.open(change) } == .invalidConfiguration)
        }
    }
}
