import Larder
import LarderTesting
import MemoryCache
import Testing

@Suite(.timeLimit(.minutes(10))) struct RefreshIntervalTests {
    private let clock = ManualClock()
    private let origin = HeldOrigin([1: "one", 2: "two"])

    private func cache(jitter: Double = 0, _ limits: LoadLimits = LoadLimits()) throws -> LoadingCache<Int, String> {
        var policy = exact(timeToLive: .seconds(100))
        policy.refreshAhead = .every(.seconds(10))
        policy.jitter = jitter
        var namespace = CacheNamespace<Int, String>.inMemory("values", policy: policy)
        namespace.loadLimits = limits
        return try CacheSystem(clock: clock).cache(namespace) { [origin] in try await origin.load($0) }
    }

    /// Moves the clock, and lets the loads end that this starts.
    private func advance(by duration: Duration, _ cache: LoadingCache<Int, String>, loads: Int) async {
        await clock.waitForSleepers()
        clock.advance(by: duration)
        await until { origin.loads >= loads && cache.cache.activity.flights == 0 }
        for _ in 0..<100 { await Task.yield() }
        #expect(origin.loads == loads)
    }

    @Test("a value that was read is refreshed at the interval without a hit at that moment")
    func timer() async throws {
        let cache = try cache()
        _ = try await cache.value(forKey: 1)
        _ = try await cache.value(forKey: 1)
        origin.origin[1] = "uno"
        await advance(by: .seconds(10), cache, loads: 2)
        #expect(cache.cachedValue(forKey: 1) == "uno")
        #expect(cache.statistics.refreshes == 1)
        #expect(cache.statistics.misses == 1)
    }

    @Test("many reads within an interval cause one refresh, and each interval with a read has its own")
    func oncePerInterval() async throws {
        let cache = try cache()
        _ = try await cache.value(forKey: 1)
        for round in 1...5 {
            for _ in 0..<100 { _ = try await cache.value(forKey: 1) }
            await advance(by: .seconds(10), cache, loads: round + 1)
        }
        #expect(cache.statistics.refreshes == 5)
    }

    @Test("when nobody reads any more the refreshes stop, and a later hit starts them again")
    func stops() async throws {
        let cache = try cache()
        _ = try await cache.value(forKey: 1)
        _ = try await cache.value(forKey: 1)
        await advance(by: .seconds(10), cache, loads: 2)
        for _ in 0..<5 {
            clock.advance(by: .seconds(10))
            for _ in 0..<100 { await Task.yield() }
        }
        #expect(origin.loads == 2)
        _ = try await cache.value(forKey: 1)
        await until { origin.loads == 3 }
        #expect(cache.statistics.misses == 1, "the hit that came late was answered at once")
    }

    @Test("each key has an interval of its own")
    func keys() async throws {
        let cache = try cache()
        for _ in 0..<2 { _ = try await cache.value(forKey: 1) }
        clock.advance(by: .seconds(4))
        for _ in 0..<2 { _ = try await cache.value(forKey: 2) }
        await advance(by: .seconds(6), cache, loads: 3)
        await advance(by: .seconds(4), cache, loads: 4)
        #expect(origin.keys == [1, 2, 1, 2])
    }

    @Test("jitter shortens the interval at random, by its share at most")
    func jitter() async throws {
        let moments = Locked<[Duration]>([])
        var policy = exact(timeToLive: .seconds(100))
        policy.refreshAhead = .every(.seconds(10))
        policy.jitter = 0.5
        let cache = try CacheSystem(clock: clock)
            .cache(CacheNamespace<Int, String>.inMemory("values", policy: policy)) { [clock] key in
                moments.withLock { $0.append(clock.now.offset) }
                return "v"
            }
        for key in 0..<50 { for _ in 0..<2 { _ = try await cache.value(forKey: key) } }
        for step in 1...100 {
            clock.advance(by: .milliseconds(100))
            await until { cache.cache.activity.flights == 0 }
            if step % 10 == 0 { for _ in 0..<100 { await Task.yield() } }
        }
        await until { moments.withLock { $0.count } >= 100 }
        let refreshes = moments.withLock { $0.dropFirst(50) }
        #expect(refreshes.allSatisfy { $0 >= .seconds(5) - .milliseconds(1) && $0 <= .seconds(10) })
        #expect(Set(refreshes).count > 2, "they do not come together")
    }

    @Test("a refresh waits behind loads that callers wait for, and comes forward when a caller waits for it, too")
    func background() async throws {
        let cache = try cache(LoadLimits(maximumConcurrentLoads: 1))
        for _ in 0..<2 { _ = try await cache.value(forKey: 1) }
        origin.hold()
        let busy = Task { try await cache.value(forKey: 3) }
        await origin.waitForLoads(2)
        await clock.waitForSleepers()
        clock.advance(by: .seconds(10))
        await until { cache.statistics.queuedLoads == 1 }
        let first = Task { try await cache.value(forKey: 4) }
        await until { cache.statistics.queuedLoads == 2 }
        let other = Task { try await cache.value(forKey: 2, options: .skipMemory) }
        await until { cache.statistics.queuedLoads == 3 }
        let joining = Task { try await cache.value(forKey: 1, options: .skipMemoryRead) }
        await until { cache.cache.activity.waiting == 4 }
        let last = Task { try await cache.value(forKey: 5) }
        await until { cache.statistics.queuedLoads == 4 }
        origin.release()
        for task in [busy, first, other, joining, last] { _ = try await task.value }
        #expect(origin.keys == [1, 3, 4, 2, 1, 5], "the refresh of 1 came forward when somebody waited for it")
        #expect(origin.mostRunning == 1)
    }

    @Test("a refresh that nobody waits for comes after callers who came later")
    func behindCallers() async throws {
        let cache = try cache(LoadLimits(maximumConcurrentLoads: 1))
        for _ in 0..<2 { _ = try await cache.value(forKey: 1) }
        origin.hold()
        let busy = Task { try await cache.value(forKey: 3) }
        await origin.waitForLoads(2)
        await clock.waitForSleepers()
        clock.advance(by: .seconds(10))
        await until { cache.statistics.queuedLoads == 1 }
        let later = Task { try await cache.value(forKey: 4) }
        await until { cache.statistics.queuedLoads == 2 }
        origin.release()
        for task in [busy, later] { _ = try await task.value }
        await until { cache.cache.activity.flights == 0 }
        #expect(origin.keys == [1, 3, 4, 1])
    }

    @Test("a loader is told whether it refreshes ahead")
    func isRefresh() async throws {
        let seen = Locked<[Bool]>([])
        var policy = exact(timeToLive: .seconds(100))
        policy.refreshAhead = .afterFraction(0.5)
        let cache = try CacheSystem(clock: clock)
            .cache(CacheNamespace<Int, String>.inMemory("values", policy: policy)) { _, context in
                seen.withLock { $0.append(context.isRefresh) }
                return .value("v")
            }
        _ = try await cache.value(forKey: 1)
        clock.advance(by: .seconds(60))
        _ = try await cache.value(forKey: 1)
        await until { cache.cache.activity.flights == 0 }
        #expect(seen.withLock { $0 } == [false, true])
    }
}
