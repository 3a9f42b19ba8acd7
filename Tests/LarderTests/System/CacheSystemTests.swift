import Larder
import LarderTesting
import Logging
import MemoryCache
import ServiceLifecycle
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10))) struct CacheSystemTests {
    @Test("opening a namespace again gives the same cache; other types or settings are refused")
    func namespaces() throws {
        let caches = try CacheSystem()
        let cache = try caches.cache(CacheNamespace<Int, String>("values"))
        #expect(try caches.cache(CacheNamespace<Int, String>("values")) === cache)
        let otherType = #expect(throws: CacheError.self) { try caches.cache(CacheNamespace<Int, Int>("values")) }
        #expect(otherType?.code == .namespaceConflict)
        let otherPolicy = #expect(throws: CacheError.self) {
            try caches.cache(CacheNamespace<Int, String>("values", policy: .init(timeToLive: .seconds(1))))
        }
        #expect(otherPolicy?.code == .namespaceConflict)
        #expect(Set(caches.statistics.keys) == ["values"])
    }

    @Test("policies out of range are refused with the name of the setting")
    func invalidPolicies() async throws {
        let caches = try CacheSystem()
        let tooLong = CachePolicy.maximumDuration + .seconds(1)
        let invalid: [(CachePolicy, String)] = [
            (CachePolicy(timeToLive: .seconds(-1)), "timeToLive"),
            (CachePolicy(timeToLive: tooLong), "timeToLive"),
            (CachePolicy(grace: .seconds(-1)), "grace"),
            (CachePolicy(negativeTimeToLive: .seconds(-1)), "negativeTimeToLive"),
            (CachePolicy(jitter: 1.5), "jitter"),
            (CachePolicy(jitter: .nan), "jitter"),
            (CachePolicy(loadDeadline: .zero), "loadDeadline"),
        ]
        let cache = try caches.cache(CacheNamespace<Int, Int>("fine"))
        for (policy, name) in invalid {
            let opening = #expect(throws: CacheError.self) {
                try caches.cache(CacheNamespace<Int, Int>("values", policy: policy))
            }
            #expect(opening?.code == .invalidPolicy)
            #expect(opening?.message.contains(name) == true)
            let calling = await #expect(throws: CacheError.self) {
                try await cache.value(forKey: 1, policy: policy) { _ in 1 }
            }
            #expect(calling?.code == .invalidPolicy)
            await #expect(throws: CacheError.self) { try await cache.setValue(1, forKey: 1, policy: policy) }
        }
        _ = try caches.cache(CacheNamespace<Int, Int>("long", policy: .init(timeToLive: CachePolicy.maximumDuration)))
    }

    @Test("settings out of range are refused")
    func invalidConfigurations() {
        let invalid: [CacheSystem.Configuration] = [
            .init(keyPrefix: ""),
            .init(keyPrefix: String(repeating: "x", count: 65)),
            .init(maximumKeyBytes: 0),
            .init(storeTimeout: .zero),
            .init(failureLogInterval: .seconds(-1)),
            .init(sweepInterval: .zero),
            .init(maximumDistrustedKeys: 0),
        ]
        for configuration in invalid {
            let error = #expect(throws: CacheError.self) { try CacheSystem(configuration: configuration) }
            #expect(error?.code == .invalidConfiguration)
        }
    }

    @Test("a namespace without a name or without room is refused")
    func invalidNamespaces() throws {
        let caches = try CacheSystem()
        for namespace in [
            CacheNamespace<Int, Int>(""),
            CacheNamespace<Int, Int>(String(repeating: "n", count: 129)),
            CacheNamespace<Int, Int>("none", memory: .entries(0)),
            CacheNamespace<Int, Int>("less", memory: .weight(-5)),
        ] {
            let error = #expect(throws: CacheError.self) { try caches.cache(namespace) }
            #expect(error?.code == .invalidConfiguration)
        }
        #expect(caches.statistics.isEmpty)
    }

    @Test("a namespace may bound its memory by the weight of its values")
    func weights() async throws {
        let cache = try CacheSystem()
            .cache(
                CacheNamespace<Int, String>.inMemory("texts", memory: .weight(100)) { _, text in text.utf8.count }
            )
        for key in 0..<30 { try await cache.setValue("0123456789", forKey: key) }
        #expect(cache.statistics.weight == 100)
        #expect(cache.statistics.entries == 10)
        #expect(cache.statistics.evictions == 20)
    }

    @Test("a system works without being run; while it runs it sweeps, and when it stops it shuts the store down")
    func service() async throws {
        let clock = ManualClock()
        let store = DictionaryStore(clock: clock)
        let caches = try CacheSystem(store: store, clock: clock)
        let cache = try caches.cache(CacheNamespace<Int, Int>("values", policy: exact(timeToLive: .seconds(5))))
        try await cache.setValue(1, forKey: 1)
        #expect(cache.statistics.entries == 1)
        let group = ServiceGroup(services: [caches], logger: .init(label: "test"))
        let running = Task { try await group.run() }
        await clock.waitForSleepers()
        clock.advance(by: .seconds(10))
        await clock.waitForSleepers()
        #expect(cache.statistics.entries == 0)
        await group.triggerGracefulShutdown()
        try await running.value
        await #expect(throws: (any Error).self) { try await store.value(forKey: StoreKey("k")) }
        #expect(try await cache.value(forKey: 1) { _ in 2 } == 2, "without its store the cache goes on")
        await caches.shutdown()
    }

    @Test("a loading cache reads many keys, a few loads at a time")
    func loadingCacheBulk() async throws {
        let running = Mutex((now: 0, most: 0))
        let caches = try CacheSystem()
        let cache = try caches.cache(CacheNamespace<Int, Int>.inMemory("squares")) { key in
            running.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
            await Task.yield()
            running.withLock { $0.now -= 1 }
            return key == 13 ? nil : key * key
        }
        let squares = try await cache.values(forKeys: Array(0..<100) + [5])
        #expect(squares.count == 99)
        #expect(squares[12] == 144)
        #expect(squares[13] == nil)
        #expect(running.withLock { $0.most } <= 16)
        #expect(cache.statistics.loads == 100)
        try await cache.setValue(1, forKey: 13)
        #expect(cache.cachedValue(forKey: 13) == 1)
        try await cache.removeValue(forKey: 13)
        #expect(cache.cachedValue(forKey: 13) == nil)
        try await cache.removeAll()
        #expect(cache.statistics.entries == 0)
    }

    @Test("each error says its kind, what happened, and what caused it")
    func errors() {
        struct Cause: Error {}
        let error = CacheError(.storeUnavailable, "No answer.", underlyingError: Cause())
        #expect("\(error)" == "storeUnavailable: No answer. (caused by: Cause())")
        #expect("\(CacheError(.invalidKey, "Empty."))" == "invalidKey: Empty.")
    }
}
