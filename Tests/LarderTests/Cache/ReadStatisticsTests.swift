import Larder
import LarderTesting
import Testing

/// Each read counts once, by where its answer came from, whatever path it took.
@Suite(.timeLimit(.minutes(10))) struct ReadStatisticsTests {
    private let clock = ManualClock()
    private let store: DictionaryStore
    private let origin = HeldOrigin([1: "one", 2: "two", 3: "three"])
    private let policy = exact(
        grace: .seconds(600),
        softTimeout: .milliseconds(100),
        hardTimeout: .seconds(1),
        loadDeadline: .seconds(5)
    )

    init() {
        store = DictionaryStore(clock: clock)
    }

    private func cache() throws -> LoadingCache<Int, String> {
        try CacheSystem(store: store, clock: clock)
            .cache(CacheNamespace("values", policy: policy)) { [origin] in try await origin.load($0) }
    }

    /// Checks the counts of reads, and that no read counts elsewhere, too.
    private func expect(
        _ cache: LoadingCache<Int, String>,
        memoryHits: Int = 0,
        storeHits: Int = 0,
        staleHits: Int = 0,
        misses: Int = 0,
        coalesced: Int = 0,
        loads: Int = 0,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let statistics = cache.statistics
        #expect(statistics.memoryHits == memoryHits, sourceLocation: sourceLocation)
        #expect(statistics.storeHits == storeHits, sourceLocation: sourceLocation)
        #expect(statistics.staleHits == staleHits, sourceLocation: sourceLocation)
        #expect(statistics.misses == misses, sourceLocation: sourceLocation)
        #expect(statistics.coalescedReads == coalesced, sourceLocation: sourceLocation)
        #expect(statistics.loads == loads, sourceLocation: sourceLocation)
        #expect(statistics.requests == memoryHits + storeHits + staleHits + misses, sourceLocation: sourceLocation)
    }

    @Test("a load is a miss, and what it brought is a hit in memory for each way of reading")
    func loadAndHits() async throws {
        let cache = try cache()
        _ = try await cache.value(forKey: 1)
        expect(cache, misses: 1, loads: 1)
        _ = try await cache.value(forKey: 1)
        _ = try await cache.result(forKey: 1)
        _ = cache.cachedValue(forKey: 1)
        _ = try await cache.cache.value(forKey: 1)
        _ = try await cache.cache.value(forKey: 1) { _ in "" }
        _ = try await cache.cache.valueIfPresent(forKey: 1) { _ in "" }
        _ = try await cache.cache.result(forKey: 1) { _, _ in .absent }
        _ = try await cache.cache.values(forKeys: [1, 1]) { _ in [:] }
        expect(cache, memoryHits: 8, misses: 1, loads: 1)
    }

    @Test("an answer of the store is a hit there for each way of reading")
    func storeHits() async throws {
        let first = try cache()
        for key in 1...3 { _ = try await first.value(forKey: key) }
        let cache = try cache()
        _ = try await cache.value(forKey: 1)
        _ = try await cache.cache.value(forKey: 2)
        _ = try await cache.cache.values(forKeys: [3]) { _ in [:] }
        expect(cache, storeHits: 3)
    }

    @Test("callers who miss one key at once cause one round trip to the store")
    func oneRoundTrip() async throws {
        let store = FaultyStore(wrapping: DictionaryStore(clock: clock), clock: clock, boundsItsLatency: true)
        let cache = try CacheSystem(store: store, clock: clock)
            .cache(CacheNamespace<Int, String>("values")) { [origin] in try await origin.load($0) }
        store.hang(.read)
        let tasks = (0..<20).map { _ in Task { try await cache.value(forKey: 1) } }
        await until { cache.cache.activity.waiting == 20 }
        store.release()
        for task in tasks { #expect(try await task.value == "one") }
        #expect(store.calls(of: .read) == 1)
        #expect(origin.loads == 1)
    }

    @Test("a read that finds nothing is a miss for each way of reading")
    func misses() async throws {
        let cache = try cache()
        _ = cache.cachedValue(forKey: 1)
        _ = try await cache.cache.value(forKey: 1)
        origin.origin.isDown = true
        _ = try? await cache.value(forKey: 1)
        _ = try? await cache.cache.value(forKey: 1) { _ in throw Origin.Down() }
        _ = try? await cache.cache.values(forKeys: [1, 2]) { _ in throw Origin.Down() }
        expect(cache, misses: 6, loads: 3)
        #expect(cache.statistics.loadFailures == 3)
    }

    @Test("a stale copy in memory counts as neither a hit nor a miss, only as a stale hit")
    func staleHits() async throws {
        let cache = try cache()
        for key in 1...2 { try await cache.setValue("old", forKey: key) }
        clock.advance(by: .seconds(60))
        origin.origin.isDown = true
        _ = try await cache.value(forKey: 1)
        _ = try await cache.cache.value(forKey: 1) { _ in throw Origin.Down() }
        _ = try await cache.result(forKey: 1, options: .allowStale)
        _ = try await cache.cache.value(forKey: 1, options: .allowStale)
        _ = try await cache.cache.values(forKeys: [1, 2]) { _ in throw Origin.Down() }
        expect(cache, staleHits: 6, loads: 3)
        _ = cache.cachedValue(forKey: 1)
        expect(cache, staleHits: 6, misses: 1, loads: 3)
    }

    @Test("those who wait for a load count as misses and as coalesced, however they leave")
    func waiters() async throws {
        let cache = try cache()
        origin.hold()
        let tasks = (0..<3).map { _ in Task { try await cache.value(forKey: 1) } }
        await until { cache.cache.activity.waiting == 3 }
        let other = Task { try await cache.cache.values(forKeys: [1]) { _ in [:] } }
        await until { cache.cache.activity.waiting == 4 }
        other.cancel()
        _ = await other.result
        clock.advance(by: .seconds(1))
        for task in tasks { _ = await task.result }
        expect(cache, misses: 4, coalesced: 3, loads: 1)
        #expect(cache.statistics.callerTimeouts == 3)
        origin.release()
        await until { cache.cache.activity == (0, 0) }
        expect(cache, misses: 4, coalesced: 3, loads: 1)
    }

    @Test("a forced read of several keys that is cancelled before it began to load is a miss for each of them")
    func cancelledForcedRead() async throws {
        let store = FaultyStore(wrapping: DictionaryStore(), boundsItsLatency: true)
        let cache = try CacheSystem(store: store, clock: ManualClock())
            .cache(CacheNamespace<Int, String>("values")) { [origin] in try await origin.load($0) }
        store.hang(.write)
        let load = Task { try await cache.value(forKey: 1) }
        await store.waitUntilHanging()
        let forced = Task { try await cache.cache.values(forKeys: [1, 2, 3], options: .forceRefresh) { _ in [:] } }
        await until { cache.cache.activity.waiting == 2 }
        forced.cancel()
        await #expect(throws: CancellationError.self) { try await forced.value }
        store.release()
        _ = try await load.value
        expect(cache, misses: 4, loads: 1)
    }

    @Test("callers who leave at the soft timeout, or at an abandoned load, count one stale hit each")
    func softTimeouts() async throws {
        let cache = try cache()
        try await cache.setValue("old", forKey: 1)
        clock.advance(by: .seconds(60))
        origin.hold()
        let early = (0..<3).map { _ in Task { try await cache.value(forKey: 1) } }
        await until { cache.cache.activity.waiting == 3 }
        clock.advance(by: .milliseconds(100))
        for task in early { _ = try await task.value }
        clock.advance(by: .milliseconds(4_850))
        let late = Task { try await cache.value(forKey: 1) }
        await until { cache.cache.activity.waiting == 1 }
        clock.advance(by: .milliseconds(50))
        _ = try await late.value
        expect(cache, staleHits: 4, coalesced: 3, loads: 1)
        #expect(cache.statistics.callerTimeouts == 3)
        #expect(cache.statistics.abandonedLoads == 1)
    }

    @Test("hits that start a refresh are hits, and the refresh is a load that nobody's read counts for")
    func refresh() async throws {
        var policy = exact(timeToLive: .seconds(100))
        policy.refreshAhead = .afterFraction(0.5)
        let cache = try CacheSystem(clock: clock)
            .cache(CacheNamespace<Int, String>.inMemory("values", policy: policy)) { [origin] in
                try await origin.load($0)
            }
        _ = try await cache.value(forKey: 1)
        clock.advance(by: .seconds(50))
        _ = try await cache.value(forKey: 1)
        await until { cache.cache.activity.flights == 0 }
        _ = try await cache.result(forKey: 1)
        expect(cache, memoryHits: 2, misses: 1, loads: 2)
        #expect(cache.statistics.refreshes == 1)
    }

    @Test("a remembered absence is a hit where an absence is an answer, and else a miss")
    func absences() async throws {
        let cache = try cache()
        _ = try await cache.value(forKey: 9)
        _ = try await cache.value(forKey: 9)
        expect(cache, memoryHits: 1, misses: 1, loads: 1)
        _ = try await cache.cache.value(forKey: 9) { _ in "made" }
        expect(cache, memoryHits: 1, misses: 2, loads: 2)
    }
}
