import Larder
import LarderTesting
import Testing

@Suite(.timeLimit(.minutes(10))) struct ReadOptionsTests {
    private let clock = ManualClock()
    private let store: FaultyStore
    private let origin = HeldOrigin([1: "new"])

    init() {
        store = FaultyStore(wrapping: DictionaryStore(clock: clock), clock: clock, boundsItsLatency: true)
    }

    private func expect(
        _ answer: CacheResult<String>,
        _ source: CacheResult<String>.Source,
        _ age: Duration,
        isStale: Bool,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(answer.source == source, sourceLocation: sourceLocation)
        #expect(answer.age == age, sourceLocation: sourceLocation)
        #expect(answer.isStale == isStale, sourceLocation: sourceLocation)
    }

    /// A cache of a process of its own.
    private func cache() throws -> LoadingCache<Int, String> {
        try CacheSystem(store: store, clock: clock)
            .cache(CacheNamespace("values", policy: exact(grace: .seconds(600)))) { [origin] in
                try await origin.load($0)
            }
    }

    @Test("a read that skips memory takes the answer of the store")
    func skipMemoryRead() async throws {
        let cache = try cache()
        try await cache.setValue("mine", forKey: 1)
        try await self.cache().setValue("theirs", forKey: 1)
        #expect(try await cache.value(forKey: 1) == "mine")
        #expect(try await cache.value(forKey: 1, options: .skipMemoryRead) == "theirs")
        #expect(try await cache.cache.value(forKey: 1, options: .skipMemoryRead) == "theirs")
        #expect(cache.cachedValue(forKey: 1) == "theirs")
    }

    @Test("a read that does not write to memory leaves it as it is, whether the answer is loaded or from the store")
    func skipMemoryWrite() async throws {
        let cache = try cache()
        #expect(try await cache.value(forKey: 1, options: .skipMemoryWrite) == "new")
        #expect(cache.cachedValue(forKey: 1) == nil)
        #expect(try await cache.value(forKey: 1, options: .skipMemoryWrite) == "new")
        #expect(try await cache.cache.value(forKey: 1, options: .skipMemoryWrite) == "new")
        #expect(cache.cachedValue(forKey: 1) == nil)
        #expect(origin.loads == 1)
    }

    @Test("a read that skips the store asks the loader, and still fills the store")
    func skipStoreRead() async throws {
        try await cache().setValue("stored", forKey: 1)
        let cache = try cache()
        #expect(try await cache.cache.value(forKey: 1, options: .skipStoreRead) == nil)
        #expect(try await cache.value(forKey: 1, options: .skipStoreRead) == "new")
        #expect(try await self.cache().cache.value(forKey: 1) == "new")
    }

    @Test("a read that does not write to the store leaves it as it is")
    func skipStoreWrite() async throws {
        let cache = try cache()
        #expect(try await cache.value(forKey: 1, options: .skipStoreWrite) == "new")
        #expect(cache.cachedValue(forKey: 1) == "new")
        #expect(store.calls(of: [.write, .remove]) == 0)
        let calls = store.calls(of: .all)
        #expect(try await cache.value(forKey: 1, options: [.skipMemoryRead, .skipStore]) == "new")
        #expect(store.calls(of: .all) == calls, "a read that skips the store does not ask it at all")
    }

    @Test("a read only fills no tier")
    func readOnly() async throws {
        let cache = try cache()
        #expect(try await cache.value(forKey: 1, options: .readOnly) == "new")
        #expect(cache.cachedValue(forKey: 1) == nil)
        #expect(store.calls(of: .write) == 0)
    }

    @Test("a forced refresh loads anew what all tiers hold, and replaces it in all")
    func forceRefresh() async throws {
        let cache = try cache()
        try await cache.setValue("old", forKey: 1)
        let answer = try await cache.result(forKey: 1, options: .forceRefresh)
        #expect(answer.value == "new")
        expect(answer, .origin, .zero, isStale: false)
        #expect(cache.cachedValue(forKey: 1) == "new")
        #expect(try await self.cache().cache.value(forKey: 1) == "new")
    }

    @Test("a forced refresh joins no load that began before it, and that load is not stored")
    func forceRefreshDuringLoad() async throws {
        let cache = try cache()
        origin.hold()
        let early = Task { try await cache.value(forKey: 1) }
        await origin.waitForLoads(1)
        origin.origin[1] = "newer"
        let forced = Task { try await cache.value(forKey: 1, options: .forceRefresh) }
        await origin.waitForLoads(2)
        origin.release()
        #expect(try await forced.value == "newer")
        _ = try await early.value
        #expect(cache.cachedValue(forKey: 1) == "newer")
        #expect(cache.statistics.fencedLoads == 1)
    }

    @Test("a forced refresh waits for what is just being stored, and loads after it")
    func forceRefreshDuringStoring() async throws {
        let cache = try cache()
        origin.origin[1] = "old"
        store.hang(.write, heedsCancellation: false)
        let early = Task { try await cache.value(forKey: 1) }
        await store.waitUntilHanging()
        origin.origin[1] = "new"
        let forced = Task { try await cache.value(forKey: 1, options: .forceRefresh) }
        await until { cache.cache.activity.waiting == 2 }
        store.release()
        #expect(try await early.value == "old")
        #expect(try await forced.value == "new")
        #expect(cache.cachedValue(forKey: 1) == "new")
    }

    @Test("a forced refresh that fails is answered with the copy there is")
    func failingForceRefresh() async throws {
        let cache = try cache()
        try await cache.setValue("old", forKey: 1)
        origin.origin.isDown = true
        let answer = try await cache.result(forKey: 1, options: .forceRefresh)
        #expect(answer.value == "old")
        #expect(answer.source == .memory)
    }

    @Test("a read that allows a stale copy takes it from memory or the store, and starts no load")
    func allowStale() async throws {
        let first = try cache()
        try await first.setValue("old", forKey: 1)
        clock.advance(by: .seconds(70))
        for cache in [first, try cache()] {
            #expect(try await cache.cache.value(forKey: 1) == nil)
            let answer = try await cache.result(forKey: 1, options: .allowStale)
            #expect(answer.value == "old")
            #expect(answer.isStale)
            #expect(answer.age == .seconds(70))
            #expect(try await cache.cache.value(forKey: 1, options: .allowStale) == "old")
            let many = try await cache.cache.values(forKeys: [1], options: .allowStale) { _ in [1: "loaded"] }
            #expect(many == [1: "old"])
        }
        let other = try await cache().cache.values(forKeys: [1], options: .allowStale) { _ in [1: "loaded"] }
        #expect(other == [1: "old"])
        #expect(origin.loads == 0)
        clock.advance(by: .seconds(600))
        #expect(try await first.value(forKey: 1, options: .allowStale) == "new")
    }

    @Test("a result says where it came from, how old it is and whether it is stale")
    func sources() async throws {
        let cache = try cache()
        let loaded = try await cache.result(forKey: 1)
        expect(loaded, .origin, .zero, isStale: false)
        clock.advance(by: .seconds(10))
        let cached = try await cache.result(forKey: 1)
        expect(cached, .memory, .seconds(10), isStale: false)
        let other = try self.cache()
        let stored = try #require(try await other.cache.result(forKey: 1))
        expect(stored, .store, .seconds(10), isStale: false)
        clock.advance(by: .seconds(60))
        origin.origin.isDown = true
        let stale = try await cache.result(forKey: 1)
        expect(stale, .memory, .seconds(70), isStale: true)
        let storedStale = try await self.cache().result(forKey: 1)
        expect(storedStale, .store, .seconds(70), isStale: true)
        #expect(try await cache.cache.result(forKey: 2) == nil)
        try await cache.cache.setAbsent(forKey: 2)
        let absence = try #require(try await cache.cache.result(forKey: 2))
        #expect(absence.value == nil)
        #expect(absence.source == .memory)
    }
}
