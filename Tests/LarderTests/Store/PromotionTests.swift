import Larder
import LarderTesting
import Testing

@Suite(.timeLimit(.minutes(10))) struct PromotionTests {
    private let clock = ManualClock()
    private let store: FaultyStore
    private let origin = Origin([1: "one", 2: "two", 3: "three"])

    init() {
        store = FaultyStore(wrapping: DictionaryStore(clock: clock), clock: clock)
    }

    /// What another process, or this one after a restart, would have: the same store and an empty memory.
    private func newCache(_ policy: CachePolicy = exact(grace: .seconds(600))) throws -> TieredCache<Int, String> {
        try CacheSystem(store: store, clock: clock).cache(CacheNamespace("values", policy: policy))
    }

    private func read(_ cache: TieredCache<Int, String>, _ key: Int = 1) async throws -> String? {
        try await cache.valueIfPresent(forKey: key) { [origin] in try origin.load($0) }
    }

    @Test("what one process loaded the next one finds in the store, and keeps in memory")
    func restart() async throws {
        _ = try await read(try newCache())
        let cache = try newCache()
        #expect(cache.cachedValue(forKey: 1) == nil)
        #expect(try await read(cache) == "one")
        #expect(cache.cachedValue(forKey: 1) == "one")
        #expect(origin.loads == 1)
        #expect(cache.statistics.storeHits == 1)
        #expect(cache.statistics.misses == 1, "the look into memory alone")
    }

    @Test("an entry that comes from the store lives in memory for what is left of its life, and no longer")
    func remainingLife() async throws {
        _ = try await read(try newCache())
        clock.advance(by: .seconds(45))
        let cache = try newCache()
        #expect(try await read(cache) == "one")
        clock.advance(by: .seconds(15) - .nanoseconds(1))
        #expect(cache.cachedValue(forKey: 1) == "one")
        clock.advance(by: .nanoseconds(1))
        #expect(cache.cachedValue(forKey: 1) == nil)
    }

    @Test("a stale copy in the store is served when loading fails in a process that has none of its own")
    func staleFromStore() async throws {
        _ = try await read(try newCache())
        clock.advance(by: .seconds(70))
        origin.isDown = true
        let cache = try newCache()
        #expect(try await read(cache) == "one")
        #expect(cache.statistics.staleHits == 1)
        #expect(try await read(cache) == "one")
        clock.advance(by: .seconds(600))
        await #expect(throws: Origin.Down.self) { try await read(cache) }
    }

    @Test("absences are shared through the store")
    func absence() async throws {
        #expect(try await read(try newCache(), 9) == nil)
        let cache = try newCache()
        #expect(try await read(cache, 9) == nil)
        #expect(origin.loads == 1)
        #expect(cache.statistics.storeHits == 1)
    }

    @Test("setValue writes the store first, then memory")
    func order() async throws {
        let cache = try newCache()
        store.hang(.write)
        let write = Task { try await cache.setValue("new", forKey: 1) }
        await store.waitUntilHanging()
        #expect(cache.cachedValue(forKey: 1) == nil)
        store.release()
        try await write.value
        #expect(cache.cachedValue(forKey: 1) == "new")
        #expect(try await newCache().value(forKey: 1) == "new")
    }

    @Test("a read that comes while its key is written waits for the write and sees it")
    func readYourWrite() async throws {
        let cache = try newCache()
        store.hang(.write)
        let write = Task { try await cache.setValue("new", forKey: 1) }
        await store.waitUntilHanging()
        let reads = [
            Task { try await cache.value(forKey: 1) },
            Task { try await cache.value(forKey: 1) { _ in "loaded" } },
        ]
        await until { cache.activity.waiting == 2 }
        store.release()
        try await write.value
        for read in reads { #expect(try await read.value == "new") }
    }

    @Test("writes of one key take effect one after the other, in all tiers alike")
    func writeOrder() async throws {
        let cache = try newCache()
        await withTaskGroup { group in
            for number in 0..<100 {
                group.addTask { try? await cache.setValue("\(number)", forKey: 1) }
            }
        }
        let inMemory = cache.cachedValue(forKey: 1)
        #expect(inMemory != nil)
        #expect(try await newCache().value(forKey: 1) == inMemory)
    }

    @Test("batches that write the same keys in other orders do not wait for each other for ever")
    func batchOrder() async throws {
        let cache = try newCache()
        try await withThrowingTaskGroup { group in
            for number in 0..<200 {
                let keys = Array(0..<10).shuffled()
                group.addTask {
                    if number.isMultiple(of: 3) {
                        try await cache.removeValues(forKeys: keys)
                    } else {
                        try await cache.setValues(Dictionary(uniqueKeysWithValues: keys.map { ($0, "\(number)") }))
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(cache.activity == (0, 0))
    }

    @Test("removing an entry, or all, leaves nothing in any tier and other namespaces alone")
    func removal() async throws {
        let cache = try newCache()
        let system = try CacheSystem(store: store, clock: clock)
        let neighbour = try system.cache(CacheNamespace<Int, String>("values2", policy: exact()))
        try await neighbour.setValue("stays", forKey: 1)
        for key in 1...3 { _ = try await read(cache, key) }
        try await cache.removeValue(forKey: 1)
        #expect(try await newCache().value(forKey: 1) == nil)
        #expect(try await newCache().value(forKey: 2) == "two")
        try await cache.removeAll()
        #expect(cache.statistics.entries == 0)
        for key in 1...3 { #expect(try await newCache().value(forKey: key) == nil) }
        #expect(try await neighbour.value(forKey: 1) == "stays")
    }

    @Test("a namespace in memory alone never touches the store")
    func inMemory() async throws {
        let cache = try CacheSystem(store: store, clock: clock).cache(CacheNamespace<Int, String>.inMemory("local"))
        _ = try await read(cache)
        try await cache.setValue("x", forKey: 2)
        try await cache.removeValue(forKey: 2)
        try await cache.removeAll()
        #expect(store.calls(of: .all) == 0)
    }

    @Test("a read of many keys makes one round trip to the store and one call of the loader")
    func bulk() async throws {
        let first = try newCache()
        _ = try await read(first, 1)
        let cache = try newCache()
        try await cache.setValue("zwei", forKey: 2)
        let readsBefore = store.calls(of: .read)
        let values = try await cache.values(forKeys: [1, 2, 3, 3, 9]) { [origin] in try origin.load($0) }
        #expect(values == [1: "one", 2: "zwei", 3: "three"])
        #expect(store.calls(of: .read) == readsBefore + 1)
        #expect(origin.asked == [[3, 9]])
        let again = try await cache.values(forKeys: [1, 2, 3, 9]) { [origin] in try origin.load($0) }
        #expect(again == values)
        #expect(origin.asked.count == 1, "the absence of 9 is remembered")
        #expect(try await cache.values(forKeys: []) { _ in [:] } == [:])
    }

    @Test("single and bulk loads of the same keys wait for each other instead of loading twice")
    func bulkCoalescing() async throws {
        let cache = try newCache()
        let door = Latch()
        let single = Task {
            try await cache.value(forKey: 1) { _ in
                try await door.wait()
                return "single"
            }
        }
        await door.waitForArrivals()
        let bulk = Task {
            try await cache.values(forKeys: [1, 2]) { keys in
                try await door.wait()
                return Dictionary(uniqueKeysWithValues: keys.map { ($0, "bulk") })
            }
        }
        await door.waitForArrivals(2)
        let late = Task { try await cache.value(forKey: 2) { _ in "late" } }
        await until { cache.activity.waiting >= 1 && cache.statistics.coalescedReads == 2 }
        door.open()
        #expect(try await single.value == "single")
        #expect(try await bulk.value == [1: "single", 2: "bulk"])
        #expect(try await late.value == "bulk")
        #expect(cache.statistics.loads == 2)
        #expect(cache.activity == (0, 0))
    }

    @Test("a bulk load that fails serves stale copies if all keys have one, and throws the loader's error if not")
    func bulkGrace() async throws {
        let cache = try newCache()
        _ = try await cache.values(forKeys: [1, 2]) { [origin] in try origin.load($0) }
        clock.advance(by: .seconds(60))
        origin.isDown = true
        let stale = try await cache.values(forKeys: [1, 2]) { [origin] in try origin.load($0) }
        #expect(stale == [1: "one", 2: "two"])
        #expect(cache.statistics.staleHits == 2)
        await #expect(throws: Origin.Down.self) {
            try await cache.values(forKeys: [1, 2, 3]) { [origin] in try origin.load($0) }
        }
        #expect(cache.activity == (0, 0))
    }

    @Test("bulk loads that are cancelled hand their keys to those who wait")
    func bulkCancellation() async throws {
        let cache = try newCache()
        let door = Latch()
        let cancelled = Task {
            try await cache.values(forKeys: [1, 2, 3]) { _ in
                try await door.wait()
                return [:]
            }
        }
        await door.waitForArrivals()
        let heirs = (0..<4)
            .map { shift in
                Task { try await cache.values(forKeys: [1, 2, 3].shuffled()) { [origin] in try origin.load($0) } }
            }
        await until { cache.statistics.coalescedReads == 12 }
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        for heir in heirs { #expect(try await heir.value == [1: "one", 2: "two", 3: "three"]) }
        #expect(cache.activity == (0, 0))
    }
}
