import Larder
import LarderTesting
import Testing

@Suite(.timeLimit(.minutes(10))) struct TimeoutTests {
    private let clock = ManualClock()
    private let store: DictionaryStore
    private let origin = HeldOrigin([1: "new"])
    private let policy = exact(
        grace: .seconds(600),
        softTimeout: .milliseconds(100),
        hardTimeout: .seconds(1),
        loadDeadline: .seconds(5)
    )

    init() {
        store = DictionaryStore(clock: clock)
    }

    /// A cache of a process of its own, with a stale copy in memory or only in the store, and an origin that hangs.
    private func staleCache(inMemory: Bool = true, _ policy: CachePolicy? = nil) async throws -> LoadingCache<
        Int, String
    > {
        let writer = try cache(policy)
        try await writer.setValue("old", forKey: 1)
        clock.advance(by: .seconds(60))
        origin.hold()
        return inMemory ? writer : try cache(policy)
    }

    private func cache(_ policy: CachePolicy? = nil) throws -> LoadingCache<Int, String> {
        try CacheSystem(store: store, clock: clock)
            .cache(CacheNamespace("values", policy: policy ?? self.policy)) { [origin] in try await origin.load($0) }
    }

    private func start(_ cache: LoadingCache<Int, String>, _ policy: CachePolicy? = nil) async -> Task<
        String?, any Error
    > {
        let waiting = cache.cache.activity.waiting
        let task = Task { try await cache.value(forKey: 1, policy: policy) }
        await until { cache.cache.activity.waiting == waiting + 1 }
        return task
    }

    @Test(
        "a caller with a stale copy gets it at the soft timeout, and the load goes on and is stored",
        arguments: [true, false]
    )
    func softTimeout(isInMemory: Bool) async throws {
        let cache = try await staleCache(inMemory: isInMemory)
        let caller = await start(cache)
        await origin.waitForLoads(1)
        clock.advance(by: .milliseconds(100) - .nanoseconds(1))
        #expect(cache.cache.activity.waiting == 1)
        clock.advance(by: .nanoseconds(1))
        #expect(try await caller.value == "old")
        #expect(cache.cache.activity == (1, 0), "the load goes on")
        origin.release()
        await until { cache.cache.activity.flights == 0 }
        #expect(cache.cachedValue(forKey: 1) == "new")
        #expect(try await self.cache().cache.value(forKey: 1) == "new", "the store has it too")
        #expect(cache.statistics.callerTimeouts == 1)
        #expect(cache.statistics.staleHits == 1)
        #expect(origin.loads == 1)
    }

    @Test("a late failure behind a caller who left at the soft timeout frees the key and keeps the copy")
    func lateFailure() async throws {
        let cache = try await staleCache()
        let caller = await start(cache)
        clock.advance(by: .milliseconds(100))
        #expect(try await caller.value == "old")
        origin.origin.isDown = true
        origin.release()
        await until { cache.cache.activity.flights == 0 }
        #expect(try await cache.value(forKey: 1) == "old")
        #expect(cache.cache.activity == (0, 0))
        #expect(cache.statistics.loadFailures == 2)
    }

    @Test("without a copy the soft timeout does nothing, and the caller fails at the hard timeout")
    func hardTimeout() async throws {
        origin.hold()
        let cache = try cache()
        let caller = await start(cache)
        clock.advance(by: .seconds(1) - .nanoseconds(1))
        #expect(cache.cache.activity.waiting == 1)
        clock.advance(by: .nanoseconds(1))
        let error = await #expect(throws: CacheError.self) { try await caller.value }
        #expect(error?.code == .loadTimedOut)
        #expect(cache.statistics.misses == 1)
        origin.release()
        await until { cache.cache.activity.flights == 0 }
        #expect(cache.cachedValue(forKey: 1) == "new", "what came late is there for the next caller")
    }

    @Test("a caller whose copy ends its grace before the soft timeout waits for the hard timeout, and rests meanwhile")
    func copyEndsFirst() async throws {
        for isInMemory in [true, false] {
            let cache = try await staleCache(inMemory: isInMemory)
            clock.advance(by: .seconds(600) - .milliseconds(50))
            let caller = await start(cache)
            await origin.waitForLoads(isInMemory ? 1 : 2)
            for _ in 0..<9 { clock.advance(by: .milliseconds(100)) }
            for _ in 0..<1_000 { await Task.yield() }
            #expect(cache.cache.activity.waiting == 1)
            #expect(cache.statistics.callerTimeouts <= 1, "it does not wake again and again")
            clock.advance(by: .milliseconds(100))
            let error = await #expect(throws: CacheError.self) { try await caller.value }
            #expect(error?.code == .loadTimedOut)
        }
    }

    @Test(
        "with a soft timeout of zero a stale copy is the answer at once, and is replaced behind",
        arguments: [true, false]
    )
    func zeroSoftTimeout(isInMemory: Bool) async throws {
        var policy = self.policy
        policy.softTimeout = .zero
        let cache = try await staleCache(inMemory: isInMemory, policy)
        for _ in 0..<20 { #expect(try await cache.value(forKey: 1) == "old") }
        #expect(origin.loads <= 1)
        origin.release()
        await until { cache.cache.activity.flights == 0 }
        #expect(try await cache.value(forKey: 1) == "new")
        #expect(origin.loads == 1)
        #expect(cache.statistics.staleHits == 20)
    }

    @Test("the soft timeout lets no second load of a key begin")
    func oneLoad() async throws {
        let cache = try await staleCache()
        for _ in 0..<5 {
            var callers: [Task<String?, any Error>] = []
            for _ in 0..<10 { callers.append(await start(cache)) }
            clock.advance(by: .milliseconds(100))
            for caller in callers { #expect(try await caller.value == "old") }
        }
        #expect(origin.loads == 1)
        #expect(origin.running == 1)
    }

    @Test("a call brings its own timeouts, for itself alone")
    func perCall() async throws {
        let cache = try await staleCache()
        var impatient = policy
        impatient.softTimeout = .milliseconds(10)
        var patient = policy
        patient.softTimeout = .milliseconds(500)
        let long = await start(cache, patient)
        let usual = await start(cache)
        let short = await start(cache, impatient)
        clock.advance(by: .milliseconds(10))
        #expect(try await short.value == "old")
        #expect(cache.cache.activity.waiting == 2)
        clock.advance(by: .milliseconds(90))
        #expect(try await usual.value == "old")
        #expect(cache.cache.activity.waiting == 1)
        clock.advance(by: .milliseconds(400))
        #expect(try await long.value == "old")
    }

    @Test("those who wait for another's load leave at the waiter timeout, the one who started it at the hard timeout")
    func waiterTimeout() async throws {
        var policy = self.policy
        policy.waiterTimeout = .milliseconds(300)
        origin.hold()
        let cache = try cache(policy)
        let first = await start(cache)
        let second = await start(cache)
        clock.advance(by: .milliseconds(300))
        let early = await #expect(throws: CacheError.self) { try await second.value }
        #expect(early?.code == .loadTimedOut)
        #expect(cache.cache.activity.waiting == 1)
        clock.advance(by: .milliseconds(700))
        let late = await #expect(throws: CacheError.self) { try await first.value }
        #expect(late?.code == .loadTimedOut)
    }
}
