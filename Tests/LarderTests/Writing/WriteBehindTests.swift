import Larder
import LarderTesting
import Testing

@Suite("Write-behind", .timeLimit(.minutes(10)))
struct WriteBehindTests {
    private let bench = Workbench()

    // MARK: What is pending is served

    @Test("a write is on the journal's disk when it returns, and is served before the sink has it")
    func acknowledgement() async throws {
        let cache = try await bench.open()
        try await cache.setValue(1, forKey: 7)
        #expect(bench.disk.records.count == 1)
        #expect(bench.origin.calls.isEmpty)
        #expect(cache.cachedValue(forKey: 7) == 1)
        #expect(try await cache.value(forKey: 7) == 1)
        #expect(try await cache.value(forKey: 7) { _ in 99 } == 1, "the origin is not asked")
        try await cache.removeValue(forKey: 7)
        #expect(cache.cachedValue(forKey: 7) == nil)
        #expect(try await cache.value(forKey: 7) { _ in 99 } == nil, "the origin still has it")
        try await cache.mergeValue(5, forKey: 7)
        #expect(try await cache.value(forKey: 7) { _ in 99 } == 5)
    }

    @Test("pending values outlive evictions from a memory with room for one")
    func eviction() async throws {
        let cache = try await bench.open(memory: .entries(1))
        for key in 0..<50 { try await cache.setValue(key, forKey: key) }
        for key in 0..<50 { #expect(try await cache.value(forKey: key) == key) }
    }

    @Test("pending values outlive a crash, and reach the sink after it")
    func restart() async throws {
        let first = try await bench.open()
        try await first.setValue(1, forKey: 1)
        try await first.setValue(2, forKey: 2)
        try await first.removeValue(forKey: 2)
        try await first.mergeValue(3, forKey: 3)
        try await first.mergeValue(4, forKey: 3)

        let second = try await bench.open()
        #expect(second.statistics.pendingWrites == 5)
        #expect(try await second.value(forKey: 1) == 1)
        #expect(try await second.value(forKey: 2) { _ in 99 } == nil)
        #expect(try await second.value(forKey: 3) { _ in 10 } == 17)
        try await bench.draining(second) { try await second.flush() }
        #expect(bench.origin.values == [1: 1, 3: 7])
        #expect(bench.disk.records.isEmpty)
    }

    @Test("merges are added to what is cached or loaded, before and after the sink has them")
    func merging() async throws {
        let cache = try await bench.open()
        let origin = bench.origin
        try await cache.cache.setValue(100, forKey: 1)
        try await cache.mergeValue(1, forKey: 1)
        #expect(cache.cachedValue(forKey: 1) == 101)
        #expect(try await cache.value(forKey: 1) == 101)
        try await cache.mergeValue(1, forKey: 2)
        #expect(cache.cachedValue(forKey: 2) == nil, "what it is added to is not known")
        #expect(try await cache.value(forKey: 2) == nil)
        #expect(try await cache.value(forKey: 2) { _ in 50 } == 51)
        #expect(try await cache.value(forKey: 3) { origin.values[$0] } == nil)
        try await cache.mergeValue(1, forKey: 3)
        try await bench.draining(cache) {
            try await cache.flush()
            #expect(origin.values == [1: 1, 2: 1, 3: 1])
            #expect(try await cache.value(forKey: 3) { origin.values[$0] } == 1, "and not what was cached before")
        }
    }

    @Test("a load that began before a write was drained never brings the old value back")
    func fence() async throws {
        let cache = try await bench.open()
        let latch = Latch()
        let load = Task {
            try await cache.value(forKey: 7) { _ in
                try await latch.wait()
                return 1
            }
        }
        await latch.waitForArrivals()
        try await cache.setValue(2, forKey: 7)
        try await bench.draining(cache) {
            try await cache.flush()
            latch.open()
            _ = try await load.value
            #expect(try await cache.value(forKey: 7) == 2)
        }
    }

    @Test("after the drain the tiers have what the sink has")
    func tiers() async throws {
        let cache = try await bench.open()
        try await cache.cache.setValue(1, forKey: 2)
        try await cache.setValue(5, forKey: 1)
        try await cache.removeValue(forKey: 2)
        try await bench.draining(cache) { try await cache.flush() }
        let other = try await bench.open()
        #expect(try await other.cache.value(forKey: 1) == 5, "the store has it")
        #expect(try await other.cache.value(forKey: 2) == nil)
        #expect(cache.cache.cachedValue(forKey: 1) == 5)
    }

    // MARK: Draining

    @Test("batches leave when they are old enough, each key once, merged")
    func batches() async throws {
        let cache = try await bench.open()
        try await bench.draining(cache) {
            for key in 0..<5 { try await cache.setValue(1, forKey: key) }
            for key in 0..<5 { try await cache.setValue(2, forKey: key) }
            // The lease and the batch.
            await bench.clock.waitForSleepers(2)
            #expect(bench.origin.calls.isEmpty)
            bench.clock.advance(by: .milliseconds(100))
            await cache.untilEmpty()
        }
        #expect(bench.origin.calls.map { $0.map(\.key).sorted() } == [[0, 1, 2, 3, 4]])
        #expect(bench.origin.values.values.allSatisfy { $0 == 2 })
        let statistics = cache.statistics
        #expect(statistics.written == 10 && statistics.accepted == 10 && statistics.coalesced == 5)
        #expect(statistics.batches == 1 && statistics.batchSizes.maximum == 5)
        #expect(statistics.flushMicroseconds.count == 1)
    }

    @Test("without coalescing the sink gets each write, in order, one of a key at a time")
    func everyWrite() async throws {
        let cache = try await bench.open { $0.coalescesWrites = false }
        try await bench.draining(cache) {
            for value in 1...10 { try await cache.setValue(value, forKey: value % 2) }
            try await cache.flush()
        }
        let values = Dictionary(grouping: bench.origin.writes, by: \.key).mapValues { $0.map(\.change) }
        #expect(values[0] == [2, 4, 6, 8, 10].map { .put($0) })
        #expect(values[1] == [1, 3, 5, 7, 9].map { .put($0) })
        #expect(bench.origin.calls.allSatisfy { Set($0.map(\.key)).count == $0.count })
    }

    @Test("a failed write is tried again after its wait, with its token, and later writes of its key wait behind it")
    func retries() async throws {
        let cache = try await bench.open()
        bench.sink.fail(.next(2), .afterEffect)
        try await bench.draining(cache) {
            try await cache.mergeValue(1, forKey: 7)
            let flush = Task { try await cache.flush() }
            await until { cache.statistics.retries == 1 }
            try await cache.mergeValue(10, forKey: 7)
            await bench.clock.waitForSleepers(2)
            #expect(bench.origin.calls.count == 1)
            bench.clock.advance(by: .milliseconds(100))
            await until { cache.statistics.retries == 2 }
            await bench.clock.waitForSleepers(2)
            bench.clock.advance(by: .milliseconds(199))
            #expect(cache.statistics.batches == 2)
            bench.clock.advance(by: .milliseconds(1))
            try await flush.value
        }
        let calls = bench.origin.calls.flatMap(\.self)
        #expect(calls.map(\.change) == [.merge(1), .merge(1), .merge(1), .merge(10)])
        #expect(Set(calls.map(\.token)).count == 2)
        #expect(bench.origin.values == [7: 11], "the sink took each once")
        #expect(cache.statistics.failures == 2 && cache.statistics.deadLetters == 0)
    }

    @Test("tokens and tries outlive a crash in the middle of a call, and what came later is not mixed in")
    func crashDuringCall() async throws {
        let first = try await bench.open()
        try await first.mergeValue(1, forKey: 7)
        bench.sink.fail(.next(1), .afterEffect)
        let drain = Task { try await first.run() }
        let flush = Task { try await first.flush() }
        await until { first.statistics.failures == 1 }
        try await first.mergeValue(10, forKey: 7)

        // The process dies here, with the first merge in the sink and nobody who knows.
        let second = try await bench.open()
        #expect(second.statistics.pendingWrites == 2)
        try await bench.draining(second) { try await second.flush() }
        let calls = bench.origin.calls.flatMap(\.self)
        #expect(calls.map(\.change) == [.merge(1), .merge(1), .merge(10)])
        #expect(calls[0].token == calls[1].token)
        #expect(bench.origin.values == [7: 11])
        drain.cancel()
        flush.cancel()
        _ = try? await drain.value
    }

    @Test("a poison write becomes a dead letter, and stops nobody else")
    func poison() async throws {
        let cache = try await bench.open()
        bench.origin.answer { $0.key == 3 ? .rejected(reason: "no such account") : .done }
        try await bench.draining(cache) {
            for key in 0..<6 { try await cache.setValue(key, forKey: key) }
            try await cache.flush()
            #expect(Set(bench.origin.values.keys) == [0, 1, 2, 4, 5])
            #expect(try await cache.value(forKey: 3) == nil, "what was given up is no longer served")
            let letters = try await cache.deadLetters()
            #expect(letters.map(\.key.description) == ["larder:numbers:3"])
            #expect(letters.map(\.reason) == ["no such account"])
            #expect(cache.statistics.deadLetters == 1)

            bench.origin.answer(nil)
            #expect(try await cache.replayDeadLetters() == 1)
            try await cache.flush()
        }
        #expect(bench.origin.values[3] == 3)
        #expect(try await cache.deadLetters().isEmpty)
        #expect(bench.disk.records.isEmpty)
        let tokens = bench.origin.calls.flatMap(\.self).filter { $0.key == 3 }.map(\.token)
        #expect(tokens.count == 2 && Set(tokens).count == 1, "with the token that it had")
    }

    @Test("dead letters can be dropped, and outlive a restart otherwise")
    func deadLetters() async throws {
        let first = try await bench.open()
        bench.origin.answer { _ in .rejected(reason: "no") }
        try await bench.draining(first) {
            for key in 0..<3 { try await first.setValue(key, forKey: key) }
            try await first.flush()
        }
        let second = try await bench.open()
        let letters = try await second.deadLetters()
        #expect(letters.count == 3)
        #expect(try await second.deadLetters(after: letters[0].number, limit: 1) == [letters[1]])
        #expect(try await second.dropDeadLetters([letters[1].number]) == 1)
        #expect(try await second.deadLetters() == [letters[0], letters[2]])
        #expect(try await second.dropDeadLetters() == 2)
    }

    @Test("a sink that hangs is given up at its timeout, and what it does late is told by its token")
    func hanging() async throws {
        let cache = try await bench.open { $0.sinkTimeout = .seconds(5) }
        bench.sink.hang(heedsCancellation: false)
        try await bench.draining(cache) {
            try await cache.mergeValue(1, forKey: 7)
            let flush = Task { try await cache.flush() }
            await bench.sink.waitUntilHanging()
            await bench.clock.waitForSleepers(2)
            bench.clock.advance(by: .seconds(5))
            await until { cache.statistics.retries == 1 }
            bench.sink.release()
            await until { bench.origin.calls.count == 1 }
            await bench.clock.waitForSleepers(2)
            bench.clock.advance(by: .milliseconds(100))
            try await flush.value
        }
        #expect(bench.origin.calls.count == 2)
        #expect(bench.origin.values == [7: 1])
    }
}
