import Larder
import LarderTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10))) struct CoalescingTests {
    private let caches: CacheSystem
    private let cache: TieredCache<String, Int>

    init() throws {
        // Its time stands still, so that no caller of a busy machine loses patience.
        caches = try CacheSystem(clock: ManualClock())
        cache = try caches.cache(.inMemory("numbers"))
    }

    @Test("a thousand tasks that miss one key at once cause one load")
    func oneLoad() async throws {
        let door = Latch()
        let loads = Counter()
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<1_000 {
                group.addTask { [cache] in
                    try await cache.value(forKey: "k") { _ in
                        loads.add()
                        try await door.wait()
                        return 7
                    }
                }
            }
            await until { cache.activity.waiting == 999 }
            door.open()
            for try await value in group { #expect(value == 7) }
        }
        #expect(loads.value == 1)
        #expect(cache.activity == (0, 0))
        let statistics = cache.statistics
        #expect(statistics.loads == 1)
        #expect(statistics.coalescedReads == 999)
        #expect(statistics.requests == 1_000)
        #expect(statistics.misses == 1_000)
    }

    @Test("cancelling any 999 of a thousand waiting tasks, the first among them, leaves the last with its value")
    func cancelAllButOne() async throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix64(seed: seed)
        let door = Latch()
        let tasks = await startTasks(1_000) { [cache] in
            try await cache.value(forKey: "k") { _ in
                try await door.wait()
                return 7
            }
        }
        let survivor = Int.random(in: 1..<1_000, using: &random)
        for index in tasks.indices.shuffled(using: &random) where index != survivor { tasks[index].cancel() }
        for index in tasks.indices where index != survivor {
            await #expect(throws: CancellationError.self, "seed \(seed)") { try await tasks[index].value }
        }
        door.open()
        #expect(try await tasks[survivor].value == 7, "seed \(seed)")
        #expect(cache.activity == (0, 0))
        #expect(cache.cachedValue(forKey: "k") == 7)
    }

    @Test("a registered loader is not disturbed when the caller who started it is cancelled")
    func sharedLoadSurvives() async throws {
        let door = Latch()
        let loads = Counter()
        let loading = try caches.cache(CacheNamespace<String, Int>.inMemory("loading")) { _ in
            loads.add()
            try await door.wait()
            return 7
        }
        let tasks = (0..<1_000).map { _ in Task { try await loading.value(forKey: "k") } }
        await until { loading.cache.activity.waiting == 1_000 }
        for task in tasks.dropLast() { task.cancel() }
        for task in tasks.dropLast() { await #expect(throws: CancellationError.self) { try await task.value } }
        door.open()
        #expect(try await tasks[999].value == 7)
        #expect(loads.value == 1)
        #expect(loading.cachedValue(forKey: "k") == 7)
        #expect(loading.cache.activity == (0, 0))
    }

    @Test("a registered loader is cancelled when the last caller has left, and the key is free at once")
    func sharedLoadIsCancelled() async throws {
        let door = Latch()
        let wasCancelled = Latch()
        let loads = Counter()
        let loading = try caches.cache(CacheNamespace<String, Int>.inMemory("loading")) { _ in
            guard loads.add() == 1 else { return 8 }
            do {
                try await door.wait()
            } catch {
                wasCancelled.open()
                throw error
            }
            return 7
        }
        let tasks = (0..<10).map { _ in Task { try await loading.value(forKey: "k") } }
        await until { loading.cache.activity.waiting == 10 }
        // A load that is cancelled before it has begun asks no loader.
        await door.waitForArrivals()
        for task in tasks { task.cancel() }
        try await wasCancelled.wait()
        #expect(try await loading.value(forKey: "k") == 8)
        for task in tasks { await #expect(throws: CancellationError.self) { try await task.value } }
        #expect(loading.cache.activity == (0, 0))
    }

    @Test("the error of a loader reaches all who wait, and is not cached")
    func sharedError() async throws {
        struct Broken: Error {}
        let door = Latch()
        let tasks = await startTasks(100) { [cache] in
            try await cache.value(forKey: "k") { _ in
                try await door.wait()
                throw Broken()
            }
        }
        door.open()
        for task in tasks { await #expect(throws: Broken.self) { try await task.value } }
        #expect(try await cache.value(forKey: "k") { _ in 1 } == 1)
        #expect(cache.statistics.loadFailures == 1)
    }

    @Test("a loader sees the task-local values of the caller who leads")
    func taskLocals() async throws {
        let seen = try await Trace.$identifier.withValue("request 7") {
            try await cache.value(forKey: "k") { _ in Trace.identifier == "request 7" ? 1 : 0 }
        }
        #expect(seen == 1)
    }

    @Test("a loader may read another key of the same cache")
    func nestedLoads() async throws {
        let value = try await cache.value(forKey: "outer") { [cache] _ in
            try await cache.value(forKey: "inner") { _ in 20 } + 1
        }
        #expect(value == 21)
    }

    @Test("in any order of cancelling, failing and finishing each caller is answered once and nothing stays behind")
    func randomCancellation() async throws {
        struct Broken: Error {}
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix64(seed: seed)
        for round in 0..<1_000 {
            let key = "k\(round)"
            let running = Counter()
            let fails = Int.random(in: 0..<4, using: &random) == 0
            let pauses = Int.random(in: 0..<30, using: &random)
            let isShared = Bool.random(using: &random)
            let load: @Sendable (String) async throws -> Int? = { _ in
                // A shared load that all its callers have left may still be on its way out.
                #expect(running.add() == 1 || isShared, "loads of one key overlap, seed \(seed)")
                defer { running.add(-1) }
                for _ in 0..<pauses {
                    try Task.checkCancellation()
                    await Task.yield()
                }
                if fails { throw Broken() }
                return 7
            }
            let loading = try caches.cache(.inMemory("numbers"), load: load)
            let tasks = (0..<50)
                .map { _ in
                    Task { [cache] in
                        isShared
                            ? try await loading.value(forKey: key)
                            : try await cache.valueIfPresent(forKey: key, orLoad: load)
                    }
                }
            for index in tasks.indices where Int.random(in: 0..<3, using: &random) > 0 {
                tasks[index].cancel()
                if Bool.random(using: &random) { await Task.yield() }
            }
            for task in tasks {
                switch await task.result {
                case .success(let value): #expect(value == 7, "seed \(seed)")
                case .failure(let error):
                    #expect(error is CancellationError || (fails && error is Broken), "seed \(seed): \(error)")
                }
            }
            await until { running.value == 0 }
        }
        await until { cache.activity == (0, 0) }
    }

    private func startTasks(
        _ count: Int,
        _ body: @escaping @Sendable () async throws -> Int
    ) async -> [Task<Int, any Error>] {
        var tasks = [Task { try await body() }]
        await until { cache.activity.flights == 1 }
        for _ in 1..<count { tasks.append(Task { try await body() }) }
        await until { cache.activity.waiting == count - 1 }
        return tasks
    }
}

private enum Trace {
    @TaskLocal static var identifier = ""
}
