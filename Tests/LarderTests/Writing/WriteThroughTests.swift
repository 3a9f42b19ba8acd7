import Larder
import LarderTesting
import Testing

@Suite("Write-through")
struct WriteThroughTests {
    private let clock = ManualClock()
    private let origin = RecordingSink<Int, String>()
    private let sink: FaultySink<RecordingSink<Int, String>>
    private let store: FaultyStore
    private let cache: WriteThroughCache<Int, String>
    private let key = StoreKey("larder:names:7")

    init() throws {
        sink = FaultySink(origin, clock: clock)
        store = FaultyStore(wrapping: DictionaryStore(clock: clock), clock: clock, boundsItsLatency: true)
        let caches = try CacheSystem(store: store, clock: clock)
        cache = WriteThroughCache(
            try caches.cache(CacheNamespace<Int, String>("names", policy: exact(), codec: .text)),
            sink: sink,
            sinkTimeout: .seconds(5)
        )
    }

    /// What L1, L2 and the sink have.
    private func tiers() async throws -> [String?] {
        let stored = try await store.value(forKey: key)
            .map { String(decoding: $0.bytes.dropFirst(Envelope.headSize), as: UTF8.self) }
        return [cache.cache.cachedValue(forKey: 7), stored, origin.values[7]]
    }

    @Test("creating, changing and deleting reach the sink, the store and memory")
    func writes() async throws {
        try await cache.setValue("a", forKey: 7)
        #expect(try await tiers() == ["a", "a", "a"])
        try await cache.setValue("b", forKey: 7)
        #expect(try await tiers() == ["b", "b", "b"])
        try await cache.removeValue(forKey: 7)
        #expect(try await tiers() == [nil, nil, nil])
        #expect(origin.writes.map(\.change) == [.put("a"), .put("b"), .delete])
        let sequences = origin.writes.map(\.sequence)
        #expect(sequences == sequences.sorted() && Set(origin.writes.map(\.token)).count == 3)
    }

    @Test("a sink that fails leaves every tier as it was, and its error reaches the caller")
    func sinkFailure() async throws {
        try await cache.setValue("a", forKey: 7)
        sink.fail(.next(2))
        await #expect(throws: FaultyStore.InjectedFailure.self) { try await cache.setValue("b", forKey: 7) }
        await #expect(throws: FaultyStore.InjectedFailure.self) { try await cache.removeValue(forKey: 7) }
        #expect(try await tiers() == ["a", "a", "a"])
        origin.answer { _ in .rejected(reason: "too short") }
        #expect(await code { try await cache.setValue("b", forKey: 7) } == .writeRejected)
        origin.answer { _ in .retry(reason: "busy") }
        #expect(await code { try await cache.setValue("b", forKey: 7) } == .sinkFailed)
        #expect(try await tiers() == ["a", "a", "a"])
        origin.answer(nil)
        try await cache.setValue("c", forKey: 7)
        #expect(try await tiers() == ["c", "c", "c"])
    }

    @Test("a store that fails after the sink has taken the value serves no old one")
    func storeFailure() async throws {
        try await cache.setValue("a", forKey: 7)
        store.fail(.next(1), of: .write)
        try await cache.setValue("b", forKey: 7)
        #expect(try await tiers() == ["b", nil, "b"])

        try await cache.setValue("c", forKey: 7)
        store.fail(.always, of: [.write, .remove])
        try await cache.setValue("d", forKey: 7)
        store.heal()
        #expect(try await tiers() == ["d", "c", "d"], "the store cannot be reached")
        clock.advance(by: .seconds(1))
        try await cache.cache.setValue("x", forKey: 8)
        let caches = cache.cache
        #expect(try await caches.value(forKey: 7) == "d")
    }

    @Test("a sink that does not answer in time may have the value: the entry is removed, and the next read asks")
    func timeout() async throws {
        try await cache.setValue("a", forKey: 7)
        sink.hang()
        let write = Task { await code { try await cache.setValue("b", forKey: 7) } }
        await sink.waitUntilHanging()
        #expect(cache.cache.cachedValue(forKey: 7) == "a", "until then the old value is served")
        await clock.waitForSleepers()
        clock.advance(by: .seconds(5))
        #expect(await write.value == .sinkTimedOut)
        sink.release()
        #expect(try await tiers()[..<2] == [nil, nil])
        #expect(try await cache.cache.value(forKey: 7) { _ in "loaded" } == "loaded")
    }

    @Test("a load that is under way when its key is written is not stored")
    func fence() async throws {
        let latch = Latch()
        let load = Task {
            try await cache.cache.value(forKey: 7) { _ in
                try await latch.wait()
                return "old"
            }
        }
        await latch.waitForArrivals()
        try await cache.setValue("new", forKey: 7)
        latch.open()
        _ = try await load.value
        #expect(try await tiers() == ["new", "new", "new"])
    }

    @Test("writers of one key at the same time end with all tiers at the last value that the sink took")
    func concurrentWriters() async throws {
        for round in 0..<20 {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<20 {
                    group.addTask { try await cache.setValue("\(round)-\(writer)", forKey: 7) }
                }
                try await group.waitForAll()
            }
            let tiers = try await tiers()
            guard case .put(let last) = origin.writes.last?.change else {
                Issue.record("The sink has no value.")
                return
            }
            #expect(tiers == [last, last, last])
        }
        let sequences = origin.writes.map(\.sequence)
        #expect(sequences.count == 400 && sequences == sequences.sorted())
    }

    @Test("a merge is the sink's affair, and the next read learns what came of it")
    func merge() async throws {
        try await cache.setValue("a", forKey: 7)
        try await cache.mergeValue("b", forKey: 7)
        #expect(try await tiers() == [nil, nil, "b"])
        #expect(origin.writes.last?.change == .merge("b"))
    }
}
