import Dispatch
import Larder
import LarderTesting
import Testing

@Suite(.timeLimit(.minutes(10))) struct FenceTests {
    private let door = Latch()
    private let store = DictionaryStore()
    private let caches: CacheSystem
    private let cache: TieredCache<Int, String>

    init() throws {
        caches = try CacheSystem(store: store, clock: ManualClock())
        cache = try caches.cache(CacheNamespace("values", policy: exact(grace: .seconds(60))))
    }

    /// Starts a load that has seen the origin before what comes next, and is held.
    private func startLoad() async -> Task<String, any Error> {
        let load = Task { [cache, door] in
            try await cache.value(forKey: 1) { _ in
                try await door.wait()
                return "old"
            }
        }
        await door.waitForArrivals()
        return load
    }

    private func expectNothingOldIsLeft(besides expected: String?) async throws {
        #expect(cache.cachedValue(forKey: 1) == expected)
        let elsewhere = try CacheSystem(store: store, clock: ManualClock())
        let other = try elsewhere.cache(CacheNamespace<Int, String>("values", policy: exact(grace: .seconds(60))))
        #expect(try await other.value(forKey: 1) == expected)
    }

    @Test("a value whose load began before its key was removed is returned and stored in no tier")
    func removal() async throws {
        let load = await startLoad()
        try await cache.removeValue(forKey: 1)
        door.open()
        #expect(try await load.value == "old")
        try await expectNothingOldIsLeft(besides: nil)
        #expect(cache.statistics.fencedLoads == 1)
    }

    @Test("a value whose load began before everything was removed is stored in no tier")
    func removeAll() async throws {
        let load = await startLoad()
        try await cache.removeAll()
        door.open()
        #expect(try await load.value == "old")
        try await expectNothingOldIsLeft(besides: nil)
    }

    @Test("a value that was set while an older one was loading stays")
    func overtakingWrite() async throws {
        let load = await startLoad()
        try await cache.setValue("new", forKey: 1)
        door.open()
        #expect(try await load.value == "old")
        try await expectNothingOldIsLeft(besides: "new")
    }

    @Test("callers who come after a removal start a load of their own")
    func lateCallers() async throws {
        let load = await startLoad()
        try await cache.removeValue(forKey: 1)
        #expect(try await cache.value(forKey: 1) { _ in "new" } == "new")
        door.open()
        #expect(try await load.value == "old")
        try await expectNothingOldIsLeft(besides: "new")
    }

    @Test("callers who wait for a load whose key was removed and whose leader is then cancelled begin again")
    func orphanedWaiters() async throws {
        let load = await startLoad()
        let waiter = Task { [cache] in try await cache.value(forKey: 1) { _ in "new" } }
        await until { cache.activity.waiting == 1 }
        try await cache.removeValue(forKey: 1)
        load.cancel()
        #expect(try await waiter.value == "new")
        await #expect(throws: CancellationError.self) { try await load.value }
        try await expectNothingOldIsLeft(besides: "new")
        #expect(cache.activity == (0, 0))
    }

    @Test("a bulk load stores what was not touched meanwhile, and only that")
    func bulk() async throws {
        let load = Task { [cache, door] in
            try await cache.values(forKeys: [1, 2, 3]) { keys in
                try await door.wait()
                return Dictionary(uniqueKeysWithValues: keys.map { ($0, "old \($0)") })
            }
        }
        await door.waitForArrivals()
        try await cache.removeValue(forKey: 2)
        door.open()
        #expect(try await load.value == [1: "old 1", 2: "old 2", 3: "old 3"])
        #expect(cache.cachedValue(forKey: 1) == "old 1")
        #expect(cache.cachedValue(forKey: 2) == nil)
        #expect(cache.cachedValue(forKey: 3) == "old 3")
    }

    @Test("after random writes, removals and loads of many tasks no tier holds anything older than the last change")
    func randomised() async throws {
        let seed = UInt64.random(in: .min ... .max)
        let origin = Origin()
        for key in 0..<8 { origin[key] = "0" }
        await withTaskGroup { group in
            for task in 0..<8 {
                group.addTask { [cache] in
                    var random = SplitMix64(seed: seed &+ UInt64(task))
                    for step in 1...400 {
                        let key = Int.random(in: 0..<8, using: &random)
                        switch Int.random(in: 0..<10, using: &random) {
                        case 0:
                            // Each task changes keys of its own, so that the last change of a key is known.
                            let own = task
                            origin[own] = "\(step)"
                            do { try await cache.removeValue(forKey: own) } catch { Issue.record(error) }
                        case 1:
                            let own = task
                            origin[own] = "\(step)"
                            do { try await cache.setValue("\(step)", forKey: own) } catch { Issue.record(error) }
                        default:
                            let loaded = try? await cache.valueIfPresent(forKey: key) { key in
                                let value = origin[key]
                                for _ in 0..<3 { await Task.yield() }
                                return value
                            }
                            if key == task {
                                #expect(loaded == origin[key], "a task reads its own change, seed \(seed)")
                            }
                        }
                    }
                }
            }
        }
        let other = try CacheSystem(store: store, clock: ManualClock())
            .cache(
                CacheNamespace<Int, String>("values", policy: exact(grace: .seconds(60)))
            )
        for key in 0..<8 {
            #expect([nil, origin[key]].contains(cache.cachedValue(forKey: key)), "seed \(seed)")
            #expect([nil, origin[key]].contains(try await other.value(forKey: key)), "seed \(seed)")
        }
        #expect(cache.activity == (0, 0))
    }

    @Test("a load that all its callers left while it was being stored does not come back over a removal")
    func leavingWhileStoring() async throws {
        let store = FaultyStore(wrapping: DictionaryStore(), boundsItsLatency: true)
        let loading = try CacheSystem(store: store, clock: ManualClock())
            .cache(CacheNamespace<Int, String>("values")) { _ in "old" }
        store.hang(.write, heedsCancellation: false)
        let caller = Task { try await loading.value(forKey: 1) }
        await store.waitUntilHanging()
        caller.cancel()
        await #expect(throws: CancellationError.self) { try await caller.value }
        let removal = Task { try await loading.removeValue(forKey: 1) }
        await until { loading.cache.activity.waiting == 1 }
        store.release()
        try await removal.value
        #expect(loading.cachedValue(forKey: 1) == nil)
        #expect(try await loading.cache.value(forKey: 1) == nil)
        #expect(loading.cache.activity == (0, 0))
    }

    @Test("removing everything waits for what is being stored, even in a task that was cancelled")
    func cancelledRemoveAll() async throws {
        let store = FaultyStore(wrapping: DictionaryStore(), boundsItsLatency: true)
        let cache = try CacheSystem(store: store, clock: ManualClock()).cache(CacheNamespace<Int, String>("values"))
        store.hang(.write, heedsCancellation: false)
        let load = Task { try await cache.value(forKey: 1) { _ in "old" } }
        await store.waitUntilHanging()
        let removal = Task { try await cache.removeAll() }
        removal.cancel()
        await until { cache.activity.waiting == 1 }
        store.release()
        try await removal.value
        #expect(try await load.value == "old")
        #expect(cache.cachedValue(forKey: 1) == nil)
        #expect(try await cache.value(forKey: 1) == nil)
    }

    @Test("a removal that comes when a load has just failed is not asked to lead it when its leader is cancelled, too")
    func leadForRemoval() async throws {
        let caches = try CacheSystem()
        let leader = Latch()
        let removal = DispatchSemaphore(value: 0)
        var namespace = CacheNamespace<Int, String>.inMemory("defaults", policy: exact())
        // Asked for after the failure, while the key is taken for what stands in.
        namespace.defaultValue = { _ in
            leader.open()
            removal.wait()
            return nil
        }
        let cache = try caches.cache(namespace)
        let load = Task(executorPreference: BlockingExecutor()) {
            try await cache.value(forKey: 1) { _ in throw Origin.Down() }
        }
        try await leader.wait()
        let remove = Task { try await cache.removeValue(forKey: 1) }
        await until { cache.activity.waiting == 1 }
        load.cancel()
        removal.signal()
        await #expect(throws: Origin.Down.self) { try await load.value }
        try await remove.value
        #expect(try await cache.value(forKey: 1) { _ in "new" } == "new")
        #expect(cache.activity == (0, 0))
    }

    @Test("the lead of a load passes to a caller who is there to take it, not to a bulk read that is busy elsewhere")
    func leadForBulk() async throws {
        let busy = Latch()
        let first = await startLoad()
        let bulk = Task { [cache] in
            try await cache.values(forKeys: [1, 2]) { keys in
                if keys.contains(2) { try await busy.wait() }
                return Dictionary(uniqueKeysWithValues: keys.map { ($0, "bulk") })
            }
        }
        await busy.waitForArrivals()
        let other = Task { [cache] in try await cache.value(forKey: 1) { _ in "other" } }
        await until { cache.activity.waiting == 2 }
        first.cancel()
        #expect(try await other.value == "other", "it need not wait for the bulk read")
        busy.open()
        #expect(try await bulk.value == [1: "other", 2: "bulk"])
        #expect(cache.activity == (0, 0))
    }
}
