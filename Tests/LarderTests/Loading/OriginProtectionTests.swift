import Larder
import LarderTesting
import Testing

@Suite(.timeLimit(.minutes(10))) struct OriginProtectionTests {
    private let clock = ManualClock()
    private let origin = HeldOrigin([1: "one", 2: "two", 3: "three", 4: "four"])

    private func namespace(_ limits: LoadLimits, grace: Duration = .zero) -> CacheNamespace<Int, String> {
        var namespace = CacheNamespace<Int, String>
            .inMemory(
                "values",
                policy: exact(grace: grace, hardTimeout: .seconds(10), loadDeadline: .seconds(5))
            )
        namespace.loadLimits = limits
        return namespace
    }

    private func cache(_ namespace: CacheNamespace<Int, String>) throws -> LoadingCache<Int, String> {
        try CacheSystem(clock: clock).cache(namespace) { [origin] in try await origin.load($0) }
    }

    private func occupy(_ cache: LoadingCache<Int, String>, _ key: Int = 1) async -> Task<String?, any Error> {
        origin.hold()
        let loads = origin.loads
        let task = Task { try await cache.value(forKey: key) }
        await origin.waitForLoads(loads + 1)
        return task
    }

    @Test("loads beyond the limit wait for their turn")
    func wait() async throws {
        let cache = try cache(namespace(LoadLimits(maximumConcurrentLoads: 2)))
        origin.hold()
        let tasks = (1...4).map { key in Task { try await cache.value(forKey: key) } }
        await until { cache.statistics.queuedLoads == 2 }
        #expect(cache.statistics.runningLoads == 2)
        origin.release()
        for task in tasks { #expect(try await task.value != nil) }
        #expect(origin.mostRunning == 2)
        #expect(cache.statistics.runningLoads == 0)
        #expect(cache.statistics.queuedLoads == 0)
    }

    @Test("where loads beyond the limit take stale copies, a caller with one gets it, and one without waits")
    func stale() async throws {
        let cache = try cache(namespace(LoadLimits(maximumConcurrentLoads: 1, whenFull: .stale), grace: .seconds(600)))
        try await cache.setValue("old", forKey: 2)
        clock.advance(by: .seconds(60))
        let busy = await occupy(cache)
        #expect(try await cache.value(forKey: 2) == "old")
        let other = Task { try await cache.value(forKey: 3) }
        await until { cache.statistics.queuedLoads == 1 }
        origin.release()
        #expect(try await other.value == "three")
        #expect(try await busy.value == "one")
        #expect(try await cache.value(forKey: 2) == "two")
    }

    @Test("where loads beyond the limit are refused, a caller gets a stale copy or an error that says so")
    func refuse() async throws {
        let cache = try cache(namespace(LoadLimits(maximumConcurrentLoads: 1, whenFull: .refuse), grace: .seconds(600)))
        try await cache.setValue("old", forKey: 2)
        clock.advance(by: .seconds(60))
        let busy = await occupy(cache)
        #expect(try await cache.value(forKey: 2) == "old")
        let error = await #expect(throws: CacheError.self) { try await cache.value(forKey: 3) }
        #expect(error?.code == .overloaded)
        #expect(cache.statistics.refusedLoads == 2)
        origin.release()
        #expect(try await busy.value == "one")
        #expect(cache.cache.activity == (0, 0))
    }

    @Test("a group at its limit holds up no other group")
    func groups() async throws {
        var namespace = namespace(LoadLimits(maximumConcurrentLoads: 10, maximumConcurrentLoadsPerGroup: 1))
        namespace.loadGroup = { $0.isMultiple(of: 2) ? "even" : "odd" }
        let cache = try cache(namespace)
        let first = await occupy(cache, 1)
        let sameGroup = Task { try await cache.value(forKey: 3) }
        await until { cache.statistics.queuedLoads == 1 }
        let otherGroup = Task { try await cache.value(forKey: 2) }
        await origin.waitForLoads(2)
        #expect(origin.keys == [1, 2])
        origin.release()
        for task in [first, sameGroup, otherGroup] { #expect(try await task.value != nil) }
    }

    @Test("a loader that reads the same cache needs no leave of its own, so that it does not wait for itself")
    func nestedLoads() async throws {
        let caches = try CacheSystem(clock: clock)
        let inner = try caches.cache(namespace(LoadLimits(maximumConcurrentLoads: 1)))
        let value = try await inner.value(forKey: 1) { _ in
            try await inner.value(forKey: 2) { _ in
                try await inner.values(forKeys: [3]) { _ in [3: "innermost"] }[3] ?? ""
            }
        }
        #expect(value == "innermost")
        #expect(inner.statistics.runningLoads == 0)
    }

    @Test("a load that is abandoned gives up its leave and its key at once, and its late result goes nowhere")
    func abandonedLoad() async throws {
        let cache = try cache(namespace(LoadLimits(maximumConcurrentLoads: 1)))
        origin.hold(heedsCancellation: false)
        let hung = Task { try await cache.value(forKey: 1) }
        await origin.waitForLoads(1)
        clock.advance(by: .seconds(1))
        let queued = Task { try await cache.value(forKey: 2) }
        await until { cache.statistics.queuedLoads == 1 }
        clock.advance(by: .seconds(4))
        let error = await #expect(throws: CacheError.self) { try await hung.value }
        #expect(error?.code == .loadTimedOut)
        await origin.waitForLoads(2)
        #expect(cache.statistics.runningLoads == 1)
        let again = Task { try await cache.value(forKey: 1) }
        await until { cache.statistics.queuedLoads == 1 }
        origin.release()
        #expect(try await queued.value == "two")
        #expect(try await again.value == "one")
        await until { origin.running == 0 && cache.statistics.runningLoads == 0 }
        #expect(origin.keys == [1, 2, 1])
        #expect(cache.statistics.abandonedLoads == 1)
        await until { cache.statistics.fencedLoads == 1 }
    }

    @Test("the load that waits for leave is abandoned at its own deadline, and leaves the queue")
    func queuedDeadline() async throws {
        let cache = try cache(namespace(LoadLimits(maximumConcurrentLoads: 1)))
        let busy = await occupy(cache)
        clock.advance(by: .seconds(3))
        let queued = Task { try await cache.value(forKey: 2) }
        await until { cache.statistics.queuedLoads == 1 }
        origin.release()
        _ = try await busy.value
        _ = try await queued.value
        let second = await occupy(cache, 3)
        let late = Task { try await cache.value(forKey: 4) }
        await until { cache.statistics.queuedLoads == 1 }
        clock.advance(by: .seconds(5))
        for task in [second, late] {
            let error = await #expect(throws: CacheError.self) { try await task.value }
            #expect(error?.code == .loadTimedOut)
        }
        await until { cache.statistics.queuedLoads == 0 && cache.statistics.runningLoads == 0 }
    }

    @Test(
        "while the breaker is open callers get their stale copy, or an error that names it, and nobody asks the origin"
    )
    func breaker() async throws {
        var namespace = namespace(LoadLimits(), grace: .seconds(600))
        namespace.breaker = try CircuitBreaker(
            "database",
            configuration: CircuitBreaker.Configuration(minimumCalls: 5, jitter: 0, probes: 1),
            clock: clock
        )
        let cache = try cache(namespace)
        try await cache.setValue("old", forKey: 1)
        clock.advance(by: .seconds(60))
        origin.origin.isDown = true
        for key in 10..<15 { await #expect(throws: Origin.Down.self) { try await cache.value(forKey: key) } }
        #expect(namespace.breaker?.state == .open)
        #expect(try await cache.value(forKey: 1) == "old")
        let error = await #expect(throws: CacheError.self) { try await cache.value(forKey: 2) }
        #expect(error?.code == .originUnavailable)
        #expect(error?.message.contains("database") == true)
        #expect(origin.loads == 5)
        origin.origin.isDown = false
        clock.advance(by: .seconds(5))
        #expect(try await cache.value(forKey: 2) == "two")
        #expect(namespace.breaker?.state == .closed)
        #expect(cache.statistics.runningLoads == 0)
    }

    @Test("the caller after the last that may wait for a load gets a stale copy or an error that says so")
    func maximumWaiters() async throws {
        var namespace = namespace(LoadLimits(), grace: .seconds(600))
        namespace.maximumWaiters = 3
        let cache = try cache(namespace)
        let first = await occupy(cache, 1)
        let others = (0..<2).map { _ in Task { try await cache.value(forKey: 1) } }
        await until { cache.cache.activity.waiting == 3 }
        let error = await #expect(throws: CacheError.self) { try await cache.value(forKey: 1) }
        #expect(error?.code == .overloaded)
        others[0].cancel()
        await #expect(throws: CancellationError.self) { try await others[0].value }
        let replacement = Task { try await cache.value(forKey: 1) }
        await until { cache.cache.activity.waiting == 3 }
        origin.release()
        for task in [first, others[1], replacement] { #expect(try await task.value == "one") }
        clock.advance(by: .seconds(60))
        let stale = await occupy(cache, 1)
        let more = (0..<2).map { _ in Task { try await cache.value(forKey: 1) } }
        await until { cache.cache.activity.waiting == 3 }
        #expect(try await cache.value(forKey: 1) == "one")
        origin.release()
        for task in [stale] + more { #expect(try await task.value == "one") }
    }
}
