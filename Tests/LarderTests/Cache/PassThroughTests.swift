import Larder
import LarderTesting
import Testing

@Suite(.timeLimit(.minutes(10))) struct PassThroughTests {
    private let store = FaultyStore(wrapping: DictionaryStore(), boundsItsLatency: true)
    private let origin = HeldOrigin([1: "one", 2: "two"])

    private func cache() throws -> LoadingCache<Int, String> {
        try CacheSystem(store: store, clock: ManualClock())
            .cache(CacheNamespace("values", policy: exact())) { [origin] in try await origin.load($0) }
    }

    @Test("a cache that passes through asks the loader each time and keeps nothing, until it is switched back")
    func onAndOff() async throws {
        let cache = try cache()
        _ = try await cache.value(forKey: 1)
        cache.cache.isPassThrough = true
        #expect(cache.statistics.entries == 0)
        let calls = store.calls(of: .all)
        for _ in 0..<3 { #expect(try await cache.value(forKey: 1) == "one") }
        let many = try await cache.cache.values(forKeys: [1, 2]) { [origin] in try origin.origin.load($0) }
        #expect(many == [1: "one", 2: "two"])
        #expect(try await cache.cache.value(forKey: 1) == nil)
        #expect(origin.loads == 4 && origin.origin.loads == 5)
        #expect(store.calls(of: .all) == calls)
        #expect(cache.statistics.entries == 0)
        cache.cache.isPassThrough = false
        #expect(try await cache.value(forKey: 1) == "one")
        #expect(origin.loads == 4, "the store still had it")
        #expect(cache.cachedValue(forKey: 1) == "one")
    }

    @Test("loads of one key are shared while the cache passes through")
    func coalescing() async throws {
        let cache = try cache()
        cache.cache.isPassThrough = true
        origin.hold()
        let tasks = (0..<10).map { _ in Task { try await cache.value(forKey: 1) } }
        await until { cache.cache.activity.waiting == 10 }
        origin.release()
        for task in tasks { #expect(try await task.value == "one") }
        #expect(origin.loads == 1)
    }

    @Test("a write while the cache passes through leaves no old value in the store behind")
    func writes() async throws {
        let cache = try cache()
        _ = try await cache.value(forKey: 1)
        cache.cache.isPassThrough = true
        try await cache.setValue("written", forKey: 1)
        origin.origin[1] = "written"
        #expect(cache.cachedValue(forKey: 1) == nil)
        cache.cache.isPassThrough = false
        #expect(try await cache.value(forKey: 1) == "written")
    }

    @Test("what is loaded, or read from the store, while the switch is turned on is kept nowhere")
    func meanwhile() async throws {
        try await cache().setValue("stored", forKey: 2)
        let cache = try cache()
        let writes = store.calls(of: .write)
        origin.hold()
        let load = Task { try await cache.value(forKey: 1) }
        await origin.waitForLoads(1)
        store.hang(.read)
        let reads = [Task { try await cache.value(forKey: 2) }, Task { try await cache.cache.value(forKey: 2) }]
        await store.waitUntilHanging()
        cache.cache.isPassThrough = true
        origin.release()
        store.release()
        #expect(try await load.value == "one")
        for read in reads { _ = try await read.value }
        #expect(cache.statistics.entries == 0)
        #expect(store.calls(of: .write) == writes)
    }
}
