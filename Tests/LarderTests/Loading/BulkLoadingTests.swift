import Larder
import LarderTesting
import MemoryCache
import Testing

@Suite(.timeLimit(.minutes(10))) struct BulkLoadingTests {
    private let clock = ManualClock()
    private let store: FaultyStore
    private let origin = Origin(Dictionary(uniqueKeysWithValues: (1...20).map { ($0, "\($0)") }))

    init() {
        store = FaultyStore(wrapping: DictionaryStore(clock: clock), clock: clock, boundsItsLatency: true)
    }

    private func cache(
        _ policy: CachePolicy = exact(grace: .seconds(600), retryPause: .seconds(5)),
        maximumBatch: Int = 1_000
    ) throws -> TieredCache<Int, String> {
        var namespace = CacheNamespace<Int, String>("values", policy: policy)
        namespace.maximumBatch = maximumBatch
        return try CacheSystem(store: store, clock: clock).cache(namespace)
    }

    @Test("a bulk load may fail for some of its keys: those with a stale copy get it, the others their own error")
    func partialFailure() async throws {
        struct Broken: Error, Equatable { let key: Int }
        let cache = try cache()
        _ = try await cache.values(forKeys: [1, 2]) { [origin] in try origin.load($0) }
        clock.advance(by: .seconds(60))
        let results = try await cache.results(forKeys: [1, 2, 3, 4]) { keys in
            Dictionary(
                uniqueKeysWithValues: keys.map { key in
                    (key, key.isMultiple(of: 2) ? .failed(Broken(key: key)) : .value("new \(key)"))
                }
            )
        }
        #expect(try results[1]?.get().value == "new 1")
        #expect(try results[2]?.get().value == "2")
        #expect(try results[2]?.get().isStale == true)
        #expect(try results[3]?.get().value == "new 3")
        #expect(throws: Broken(key: 4)) { try results[4]?.get() }
        #expect(cache.cachedValue(forKey: 1) == "new 1")
        #expect(cache.cachedValue(forKey: 4) == nil)
        #expect(cache.activity == (0, 0))
        #expect(cache.statistics.requests == 8)
    }

    @Test("a bulk load that throws serves the stale copies there are, key by key, and rests for the pause")
    func wholeFailure() async throws {
        let cache = try cache()
        _ = try await cache.values(forKeys: [1, 2]) { [origin] in try origin.load($0) }
        clock.advance(by: .seconds(60))
        origin.isDown = true
        let load = { @Sendable [origin] (keys: [Int]) in
            try origin.load(keys).mapValues { LoadResult.value($0) }
        }
        let results = try await cache.results(forKeys: [1, 2, 3], orLoad: load)
        #expect(try results[1]?.get().value == "1")
        #expect(try results[2]?.get().value == "2")
        #expect(throws: Origin.Down.self) { try results[3]?.get() }
        _ = try await cache.results(forKeys: [1, 2], orLoad: load)
        #expect(origin.asked.count == 2, "the copies rest")
    }

    @Test("a bulk loader is asked for no more keys at once than the batch allows, and the store once for all")
    func chunks() async throws {
        let cache = try cache(maximumBatch: 4)
        let values = try await cache.values(forKeys: 1...10) { [origin] in try origin.load($0) }
        #expect(values.count == 10)
        #expect(origin.asked.map(\.count) == [4, 4, 2])
        #expect(Set(origin.asked.joined()) == Set(1...10))
        #expect(store.calls(of: .read) == 1)
        #expect(cache.statistics.loads == 3)
    }

    @Test("a chunk that fails takes no other with it")
    func failingChunk() async throws {
        let cache = try cache(maximumBatch: 2)
        let calls = Counter()
        let results = try await cache.results(forKeys: 1...6) { keys in
            if calls.add() == 2 { throw Origin.Down() }
            return Dictionary(uniqueKeysWithValues: keys.map { ($0, .value("v")) })
        }
        #expect(results.values.count { (try? $0.get().value) == "v" } == 4)
        #expect(results.values.count { (try? $0.get()) == nil } == 2)
    }

    @Test("a key that the loader leaves out is remembered as absent, or not, as the policy says", arguments: [0, 5])
    func absentKeys(seconds: Int) async throws {
        let cache = try cache(exact(negativeTimeToLive: .seconds(seconds)))
        for _ in 0..<2 {
            let values = try await cache.values(forKeys: [1, 99]) { [origin] in try origin.load($0) }
            #expect(values == [1: "1"])
        }
        #expect(origin.asked == (seconds == 0 ? [[1, 99], [99]] : [[1, 99]]))
    }

    @Test("values that are not modified keep what they have beside their value")
    func notModified() async throws {
        let cache = try cache()
        _ = try await cache.result(forKey: 1) { _, context in
            context.entityTag = "v1"
            context.tags = ["red"]
            return .value("one")
        }
        clock.advance(by: .seconds(60))
        let results = try await cache.results(forKeys: [1, 2]) { keys in
            Dictionary(uniqueKeysWithValues: keys.map { ($0, .notModified) })
        }
        #expect(try results[1]?.get().value == "one")
        let error = #expect(throws: CacheError.self) { try results[2]?.get() }
        #expect(error?.code == .invalidLoad)
        clock.advance(by: .seconds(60))
        _ = try await cache.result(forKey: 1) { _, context in
            #expect(context.stale?.entityTag == "v1")
            #expect(context.stale?.tags == ["red"])
            return .notModified
        }
    }

    @Test("a caller with a stale copy waits no longer than the soft timeout for the bulk load of another")
    func softTimeout() async throws {
        let cache = try cache(exact(grace: .seconds(600), softTimeout: .milliseconds(100)))
        try await cache.setValue("old", forKey: 1)
        clock.advance(by: .seconds(60))
        let door = Latch()
        let bulk = Task {
            try await cache.values(forKeys: [1, 2]) { keys in
                try await door.wait()
                return Dictionary(uniqueKeysWithValues: keys.map { ($0, "new") })
            }
        }
        await door.waitForArrivals()
        let single = Task { try await cache.value(forKey: 1) { _ in "never asked" } }
        await until { cache.activity.waiting == 1 }
        clock.advance(by: .milliseconds(100))
        #expect(try await single.value == "old")
        door.open()
        #expect(try await bulk.value == [1: "new", 2: "new"])
    }

    @Test("loads that come within the window are asked for together, count as one, and ask within the limits")
    func batching() async throws {
        let calls = Locked<[[Int]]>([])
        let running = Locked((now: 0, most: 0))
        var namespace = CacheNamespace<Int, String>.inMemory("values", policy: exact())
        namespace.maximumBatch = 5
        namespace.loadLimits = LoadLimits(maximumConcurrentLoads: 1)
        let cache = try CacheSystem(clock: clock)
            .cache(namespace, batching: LoadBatching(window: .milliseconds(1))) { [origin] keys in
                calls.withLock { $0.append(keys.sorted()) }
                running.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
                defer { running.withLock { $0.now -= 1 } }
                for _ in 0..<20 { await Task.yield() }
                return try origin.load(keys)
            }
        let tasks = (1...10).map { key in Task { try await cache.value(forKey: key) } }
        for (index, task) in tasks.enumerated() { #expect(try await task.value == "\(index + 1)") }
        #expect(calls.withLock { $0.count } == 2)
        #expect(calls.withLock { Set($0.joined()) } == Set(1...10))
        #expect(running.withLock { $0.most } == 1)
        #expect(cache.statistics.loads == 2)
        #expect(cache.statistics.requests == 10)
        #expect(cache.cache.activity == (0, 0))
    }

    @Test("a gathered load that hangs is given up at its deadline, and its leave to ask is free again")
    func hangingBatch() async throws {
        let door = Latch()
        var namespace = CacheNamespace<Int, String>.inMemory("values", policy: exact(loadDeadline: .seconds(5)))
        namespace.loadLimits = LoadLimits(maximumConcurrentLoads: 1)
        let cache = try CacheSystem(clock: clock)
            .cache(namespace, batching: LoadBatching(window: .zero)) { keys in
                if keys == [1] { await door.waitUncancellably() }
                return Dictionary(uniqueKeysWithValues: keys.map { ($0, "v") })
            }
        let hung = Task { try await cache.value(forKey: 1) }
        await door.waitForArrivals()
        #expect(cache.statistics.runningLoads == 1)
        clock.advance(by: .seconds(5))
        let error = await #expect(throws: CacheError.self) { try await hung.value }
        #expect(error?.code == .loadTimedOut)
        #expect(try await cache.value(forKey: 2) == "v")
        door.open()
        await until { cache.statistics.runningLoads == 0 }
    }

    @Test("a batching cache answers for many keys at once with one call, and shares loads of single keys")
    func bulkOfBatching() async throws {
        let calls = Counter()
        let cache = try CacheSystem(clock: clock)
            .cache(CacheNamespace<Int, String>.inMemory("values"), batching: LoadBatching(window: .zero)) {
                [origin] keys in
                calls.add()
                return try origin.load(keys)
            }
        #expect(try await cache.values(forKeys: [1, 2, 99]) == [1: "1", 2: "2"])
        #expect(calls.value == 1)
        #expect(try await cache.value(forKey: 99) == nil)
        #expect(calls.value == 1)
        #expect(throws: CacheError.self) {
            try CacheSystem()
                .cache(CacheNamespace<Int, String>.inMemory("v"), batching: LoadBatching(window: .seconds(2))) { _ in
                    [:]
                }
        }
    }
}
