import Larder
import LarderTesting
import Testing

@Suite(.timeLimit(.minutes(10))) struct LoadWeightTests {
    private let clock = ManualClock()
    private let store: DictionaryStore

    init() {
        store = DictionaryStore(clock: clock)
    }

    private func cache() throws -> TieredCache<Int, String> {
        try CacheSystem(store: store, clock: clock)
            .cache(
                CacheNamespace("values", policy: exact(grace: .seconds(600)), memory: .weight(100)) { _, text in
                    text.utf8.count
                }
            )
    }

    private func load(_ cache: TieredCache<Int, String>, _ key: Int, weight: Int?) async throws {
        _ = try await cache.result(forKey: key) { _, context in
            context.weight = weight
            return .value("four")
        }
    }

    @Test("a result weighs what its loader says, or what the weigher says if it says nothing")
    func weight() async throws {
        let cache = try cache()
        try await load(cache, 1, weight: 60)
        #expect(cache.statistics.weight == 60)
        try await load(cache, 2, weight: nil)
        #expect(cache.statistics.weight == 64)
        try await load(cache, 3, weight: 0)
        #expect(cache.statistics.weight == 65, "no entry weighs nothing")
        #expect(cache.statistics.entries == 3)
    }

    @Test("the weight that a loader gave makes others leave")
    func eviction() async throws {
        let cache = try cache()
        for key in 0..<30 { try await load(cache, key, weight: 10) }
        #expect(cache.statistics.weight == 100)
        #expect(cache.statistics.evictions == 20)
    }

    @Test("the weight travels through the store, and a value that is not modified keeps it")
    func travel() async throws {
        try await load(cache(), 1, weight: 60)
        let cache = try cache()
        #expect(try await cache.value(forKey: 1) == "four")
        #expect(cache.statistics.weight == 60)
        clock.advance(by: .seconds(60))
        _ = try await cache.result(forKey: 1) { _, _ in .notModified }
        #expect(cache.statistics.weight == 60)
    }

    @Test("without a weigher a capacity in weights counts each entry as 1, unless its loader says otherwise")
    func noWeigher() async throws {
        let cache = try CacheSystem(clock: clock)
            .cache(CacheNamespace<Int, String>.inMemory("plain", memory: .weight(100)))
        try await load(cache, 1, weight: nil)
        try await load(cache, 2, weight: 9)
        #expect(cache.statistics.weight == 10)
    }
}
