import Larder
import LarderTesting
import Testing

@Suite(.timeLimit(.minutes(10))) struct CircuitBreakerStoreTests {
    private let clock = ManualClock()
    private let faulty: FaultyStore
    private let store: CircuitBreakerStore
    private let key = StoreKey("key")

    init() throws {
        faulty = FaultyStore(wrapping: DictionaryStore(clock: clock), clock: clock)
        let configuration = CircuitBreaker.Configuration(minimumCalls: 4, slowCall: .milliseconds(100), jitter: 0)
        store = try CircuitBreakerStore(wrapping: faulty, configuration: configuration, clock: clock)
    }

    @Test("keeps the promises of a store", arguments: RemoteStoreConformance.checks)
    func conformance(check: RemoteStoreConformance.Check) async throws {
        try await check.run {
            let clock = ManualClock()
            let store = try CircuitBreakerStore(wrapping: DictionaryStore(clock: clock), clock: clock)
            return .init(store: store) { clock.advance(by: $0) }
        }
    }

    @Test("all calls fail together and come back together")
    func opening() async throws {
        faulty.fail(.always)
        for _ in 0..<4 { _ = try? await store.value(forKey: key) }
        #expect(store.breaker.state == .open)
        let asked = faulty.calls(of: .all)
        let write = StoreWrite(key: key, bytes: [1], timeToLive: .seconds(1))
        let calls: [() async throws -> Void] = [
            { _ = try await store.value(forKey: key) }, { _ = try await store.values(forKeys: [key]) },
            { try await store.setValue([1], forKey: key, timeToLive: .seconds(1)) },
            { try await store.setValues([write]) }, { _ = try await store.removeValue(forKey: key) },
            { _ = try await store.removeValues(forKeys: [key]) }, { _ = try await store.removeAll(withPrefix: key) },
            { _ = try await store.remove([StoreRemoval(key, at: .vacant)]) },
            { _ = try await store.slots(forKeys: [key]) }, { _ = try await store.fill([]) },
            { try await store.bury([key], for: .seconds(1)) },
            { _ = try await store.keys(withPrefix: key, after: nil, limit: 1) },
        ]
        for call in calls {
            let error = await #expect(throws: CacheError.self) { try await call() }
            #expect(error?.code == .storeUnavailable)
        }
        #expect(faulty.calls(of: .all) == asked)
        faulty.heal()
        clock.advance(by: .seconds(5))
        for call in calls { try await call() }
        #expect(store.breaker.state == .closed)
    }

    @Test("a cache whose store hangs does not wait for it any more once the breaker is open")
    func hangingStore() async throws {
        let caches = try CacheSystem(store: store, clock: clock)
        let cache = try caches.cache(CacheNamespace<Int, String>("values", policy: exact()))
        faulty.hang(.read, heedsCancellation: false)
        for key in 0..<4 {
            let task = Task { try await cache.value(forKey: key) }
            await faulty.waitUntilHanging(key + 1)
            await clock.waitForSleepers()
            clock.advance(by: .milliseconds(250))
            #expect(try await task.value == nil)
        }
        await until { store.breaker.state == .open }
        #expect(try await cache.value(forKey: 9) == nil)
        #expect(faulty.calls(of: .read) == 4)
        faulty.release()
    }

    @Test("removing by prefix may take its time")
    func slowRemovals() async throws {
        faulty.delay(.always, by: .seconds(4))
        for _ in 0..<4 {
            let task = Task { try await store.removeAll(withPrefix: key) }
            await clock.waitForSleepers()
            clock.advance(by: .seconds(4))
            _ = try await task.value
        }
        #expect(store.breaker.state == .closed)
        #expect(store.breaker.statistics.recentSlowCalls == 0)
    }

    @Test("says what the store says about itself")
    func properties() async throws {
        struct Small: RemoteStore {
            var boundsItsLatency: Bool { true }
            var maximumEntryBytes: Int { 7 }
            func slots(forKeys keys: [StoreKey]) async throws -> [StoreSlot] { [] }
            func setValues(_ writes: [StoreWrite]) async throws {}
            func fill(_ fills: [StoreFill]) async throws -> [Bool] { [] }
            func bury(_ keys: [StoreKey], for life: Duration) async throws {}
            func removeValues(forKeys keys: [StoreKey]) async throws -> Int { 0 }
            func remove(_ removals: [StoreRemoval]) async throws -> Int { 0 }
            func keys(withPrefix prefix: StoreKey, after key: StoreKey?, limit: Int) async throws -> [StoreKey] { [] }
        }
        let small = try CircuitBreakerStore(wrapping: Small())
        #expect(small.boundsItsLatency)
        #expect(small.maximumEntryBytes == 7)
        #expect(!store.boundsItsLatency)
        await store.shutdown()
        await #expect(throws: (any Error).self) { try await faulty.value(forKey: key) }
    }
}
