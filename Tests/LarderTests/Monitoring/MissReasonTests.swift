import LarderTesting
import Testing

@testable import Larder

/// Each miss says why no tier had an answer.
@Suite(.timeLimit(.minutes(10))) struct MissReasonTests {
    private let clock = ManualClock()
    private let store: DictionaryStore
    private let origin = Origin([1: "one", 2: "two", 3: "three"])

    init() {
        store = DictionaryStore(clock: clock)
    }

    private func cache(
        memory: MemoryCapacity = .entries(100),
        grace: Duration = .zero,
        isStored: Bool = true
    ) throws -> TieredCache<Int, String> {
        try CacheSystem(store: isStored ? store : nil, clock: clock)
            .cache(CacheNamespace("values", policy: exact(grace: grace), memory: memory))
    }

    /// Reads a key, and tells why it was a miss; nil for a hit.
    private func reason(_ cache: TieredCache<Int, String>, _ key: Int = 1) async throws -> MissReason? {
        let before = cache.statistics
        let answer = try await cache.result(forKey: key) { [origin] key, _ in LoadResult(try origin.load(key)) }
        let after = cache.statistics.since(before)
        #expect(after.missReasons.values.reduce(0, +) == after.misses)
        #expect(after.missReasons.keys.first == answer.missReason)
        return answer.missReason
    }

    @Test("a key that was never asked for is cold, with and without a store", arguments: [true, false])
    func cold(isStored: Bool) async throws {
        let cache = try cache(isStored: isStored)
        #expect(try await reason(cache) == .cold)
        #expect(try await reason(cache) == nil)
        #expect(try await reason(cache, 2) == .cold)
    }

    @Test(
        "an entry whose life is over is expired, with a stale copy and without",
        arguments: [Duration.zero, .seconds(60)]
    )
    func expired(grace: Duration) async throws {
        let cache = try cache(grace: grace)
        _ = try await reason(cache)
        clock.advance(by: .seconds(60))
        #expect(try await reason(cache) == .expired)
    }

    @Test("an entry that made room for others is evicted, where the store does not have it")
    func evicted() async throws {
        let cache = try cache(memory: .entries(1), isStored: false)
        _ = try await reason(cache, 1)
        // Which of two entries stays is up to the policy.
        _ = try await reason(cache, 2)
        let gone = cache.memory.peek(forKey: 1) == nil ? 1 : 2
        #expect(try await reason(cache, gone) == .evicted)
        #expect(cache.statistics.removals[.evicted, default: 0] >= 1)
    }

    @Test("removals by key, tag, pattern and all at once are told apart")
    func invalidations() async throws {
        let cache = try cache()
        func load() async throws {
            _ = try await cache.result(forKey: 1) { [origin] key, context in
                context.tags = ["odd"]
                return LoadResult(try origin.load(key))
            }
        }
        try await load()
        try await cache.removeValue(forKey: 1)
        #expect(try await reason(cache) == .removed)
        try await cache.removeAll()
        #expect(try await reason(cache) == .cleared)
        try await cache.removeValue(forKey: 1)
        try await load()
        try await cache.removeAll(tagged: "odd")
        #expect(try await reason(cache) == .tag)
        try await cache.removeAll(matching: KeyPattern("1*"))
        #expect(try await reason(cache) == .pattern)
        try await cache.expireValue(forKey: 1)
        #expect(try await reason(cache) == .removed)
    }

    @Test("bytes that cannot be read are undecodable")
    func undecodable() async throws {
        let cache = try cache(memory: .entries(1))
        let key = try cache.storeKey(1)
        try await store.setValue([1, 2, 3], forKey: key, timeToLive: .seconds(60))
        #expect(try await reason(cache) == .undecodable)
    }

    @Test("a load that was not stored, because its key was removed meanwhile, makes the next read fenced")
    func fenced() async throws {
        let cache = try cache()
        let answer = try await cache.result(forKey: 1) { key, _ in
            try await cache.removeValue(forKey: key)
            return .value("old")
        }
        #expect(answer.missReason == .cold)
        #expect(try await reason(cache) == .fenced)
    }

    @Test("a load that a breaker refuses is refused, and a read that looks nowhere is bypassed")
    func refusedAndBypassed() async throws {
        let breaker = try CircuitBreaker("origin", clock: clock)
        var namespace = CacheNamespace<Int, String>.inMemory("values", policy: exact())
        namespace.breaker = breaker
        let cache = try CacheSystem(clock: clock).cache(namespace)
        origin.isDown = true
        while breaker.state == .closed { _ = try? await reason(cache) }
        let before = cache.statistics
        await #expect(throws: CacheError.self) { _ = try await self.reason(cache) }
        #expect(cache.statistics.since(before).missReasons == [.refused: 1])
        #expect(cache.statistics.breaker == .open)
        let other = try self.cache()
        origin.isDown = false
        _ = try await other.value(forKey: 1, options: .forceRefresh) { _ in "new" }
        #expect(other.statistics.missReasons == [.bypassed: 1])
    }

    @Test("the table forgets the oldest, is no larger than it says, and never mixes up two reasons of one key")
    func departures() {
        let table = DepartureTable(places: 1_000)
        for key in 0..<5_000 { table[key] = MissReason.allCases[key % MissReason.allCases.count] }
        var known = 0
        for key in 0..<5_000 where table[key] == MissReason.allCases[key % MissReason.allCases.count] { known += 1 }
        #expect((500...1_024).contains(known))
        table[7] = .tag
        #expect(table[7] == .tag)
        table[7] = nil
        #expect(table[7] == nil)
    }
}
