import Larder
import LarderTesting
import Testing

@Suite("Fills in the background", .timeLimit(.minutes(10)))
struct BackgroundFillTests {
    private let clock = ManualClock()
    private let store: FaultyStore
    private let caches: CacheSystem
    private let cache: TieredCache<Int, String>

    private static let limit = 3
    /// How many fills are made at the same time.
    private static let concurrency = 16

    init() throws {
        store = FaultyStore(wrapping: DictionaryStore(clock: clock), clock: clock, boundsItsLatency: true)
        var configuration = CacheSystem.Configuration()
        configuration.maximumPendingFills = Self.limit
        configuration.storeBreaker = nil
        caches = try CacheSystem(store: store, configuration: configuration, clock: clock)
        cache = try caches.cache(CacheNamespace("values", policy: exact(grace: .seconds(60))))
    }

    /// What another process finds in the store.
    private func stored(_ key: Int) async throws -> String? {
        try await CacheSystem(store: store, clock: clock)
            .cache(CacheNamespace<Int, String>("values", policy: exact(grace: .seconds(60))))
            .value(forKey: key)
    }

    @Test("callers have their value, and memory has it, while the store still takes it")
    func answering() async throws {
        store.hang(.fill)
        let values = try await cache.values(forKeys: [2, 3]) { keys in
            Dictionary(uniqueKeysWithValues: keys.map { ($0, "value") })
        }
        #expect(values == [2: "value", 3: "value"])
        #expect(try await cache.read(1, "value") == "value")
        await store.waitUntilHanging(2)
        for key in 1...3 {
            #expect(cache.cachedValue(forKey: key) == "value")
            #expect(try await stored(key) == nil)
        }
        store.release()
        await cache.finishFills()
        for key in 1...3 { #expect(try await stored(key) == "value") }
        #expect(cache.activity.flights == 0)
    }

    @Test("past the bound the fill that has waited longest is dropped")
    func overflow() async throws {
        store.hang(.fill)
        let keys = 1...Self.concurrency + Self.limit + 2
        for key in keys { #expect(try await cache.read(key, "value") == "value") }
        #expect(cache.statistics.droppedFills == 2)
        store.release()
        await cache.finishFills()
        for key in keys {
            let isDropped = Self.concurrency + 1...Self.concurrency + 2 ~= key
            #expect(try await stored(key) == (isDropped ? nil : "value"), "key \(key)")
            #expect(cache.cachedValue(forKey: key) == "value")
        }
    }

    @Test(
        "an invalidation waits for the fill that is under way, and nothing old is left",
        arguments: [
            { try await $0.removeValue(forKey: 1) }, { try await $0.removeAll() },
            { try await $0.removeAll(tagged: "x") },
        ] as [@Sendable (TieredCache<Int, String>) async throws -> Void]
    )
    func invalidation(_ invalidate: @escaping @Sendable (TieredCache<Int, String>) async throws -> Void) async throws {
        store.hang(.fill)
        #expect(try await cache.read(1, "old", tags: ["x"]) == "old")
        await store.waitUntilHanging()
        let invalidating = Task { [cache] in try await invalidate(cache) }
        await until { cache.activity.waiting == 1 }
        store.release()
        try await invalidating.value
        #expect(cache.cachedValue(forKey: 1) == nil)
        #expect(try await stored(1) == nil)
    }

    @Test("an invalidation drops a fill that still waits, instead of waiting for those before it")
    func waitingFill() async throws {
        store.hang(.fill)
        for key in 0...Self.concurrency { _ = try await cache.read(key, "old") }
        await store.waitUntilHanging(Self.concurrency)
        try await cache.removeValue(forKey: Self.concurrency)
        #expect(cache.cachedValue(forKey: Self.concurrency) == nil)
        #expect(try await cache.read(Self.concurrency, "new") == "new")
        store.release()
        await cache.finishFills()
        #expect(try await stored(Self.concurrency) == "new")
    }

    @Test("a write of the key waits for the fill, and stays")
    func write() async throws {
        store.hang(.fill)
        #expect(try await cache.read(1, "old") == "old")
        await store.waitUntilHanging()
        let writing = Task { [cache] in try await cache.setValue("new", forKey: 1) }
        await until { cache.activity.waiting == 1 }
        store.release()
        try await writing.value
        #expect(cache.cachedValue(forKey: 1) == "new")
        #expect(try await stored(1) == "new")
    }

    @Test("what another process wrote meanwhile stays in the store, and the loaded value leaves memory")
    func fence() async throws {
        store.hang(.fill)
        #expect(try await cache.read(1, "old") == "old")
        await store.waitUntilHanging()
        let other = try CacheSystem(store: store, clock: clock)
            .cache(CacheNamespace<Int, String>("values", policy: exact(grace: .seconds(60))))
        try await other.setValue("new", forKey: 1)
        store.release()
        await cache.finishFills()
        #expect(cache.cachedValue(forKey: 1) == nil)
        #expect(cache.statistics.fencedLoads == 1)
        #expect(try await cache.read(1, "old") == "new")
    }

    @Test("a shutdown waits for fills that are made, and drops those that wait")
    func shutdown() async throws {
        store.hang(.fill)
        for key in 0...Self.concurrency { _ = try await cache.read(key, "value") }
        await store.waitUntilHanging(Self.concurrency)
        let ending = Task { [caches] in await caches.shutdown() }
        await until { cache.activity.flights == Self.concurrency }
        store.release()
        await ending.value
        #expect(cache.activity.flights == 0)
    }
}
