import Larder
import LarderTesting
import Testing

@Suite struct FreshnessTests {
    private let clock = ManualClock()
    private let origin = Origin([1: "one"])
    private let caches: CacheSystem

    init() throws {
        caches = try CacheSystem(clock: clock)
    }

    private func cache(_ policy: CachePolicy) throws -> TieredCache<Int, String> {
        try caches.cache(.inMemory("values", policy: policy))
    }

    private func read(_ cache: TieredCache<Int, String>, _ key: Int = 1) async throws -> String? {
        try await cache.valueIfPresent(forKey: key) { [origin] in try origin.load($0) }
    }

    @Test("a value is loaded once for its time to live, and again when that has ended")
    func timeToLive() async throws {
        let cache = try cache(exact(timeToLive: .seconds(60)))
        #expect(try await read(cache) == "one")
        clock.advance(by: .seconds(60) - .nanoseconds(1))
        #expect(try await read(cache) == "one")
        #expect(origin.loads == 1)
        clock.advance(by: .nanoseconds(1))
        origin[1] = "uno"
        #expect(cache.cachedValue(forKey: 1) == nil)
        #expect(try await read(cache) == "uno")
        #expect(origin.loads == 2)
    }

    @Test("a call may bring its own lifetime")
    func perCallPolicy() async throws {
        let cache = try cache(exact(timeToLive: .seconds(60)))
        let brief = exact(timeToLive: .seconds(2))
        _ = try await cache.value(forKey: 1, policy: brief) { _ in "brief" }
        try await cache.setValue("set", forKey: 2, policy: brief)
        try await cache.setValue("long", forKey: 3)
        clock.advance(by: .seconds(2))
        #expect(cache.cachedValue(forKey: 1) == nil)
        #expect(cache.cachedValue(forKey: 2) == nil)
        #expect(cache.cachedValue(forKey: 3) == "long")
    }

    @Test("a stale copy within its grace is served while loading fails, and counted as such")
    func grace() async throws {
        let cache = try cache(exact(timeToLive: .seconds(60), grace: .seconds(600)))
        _ = try await read(cache)
        clock.advance(by: .seconds(60))
        origin.isDown = true
        #expect(try await read(cache) == "one")
        #expect(cache.statistics.staleHits == 1)
        #expect(cache.statistics.loadFailures == 1)
        #expect(cache.cachedValue(forKey: 1) == nil, "a stale copy is only for callers who have nothing better")
        clock.advance(by: .seconds(600) - .nanoseconds(1))
        #expect(try await read(cache) == "one")
        clock.advance(by: .nanoseconds(1))
        await #expect(throws: Origin.Down.self) { try await read(cache) }
        origin.isDown = false
        #expect(try await read(cache) == "one")
    }

    @Test("without grace the loader's own error is thrown once the value has expired")
    func noGrace() async throws {
        let cache = try cache(exact())
        _ = try await read(cache)
        clock.advance(by: .seconds(60))
        origin.isDown = true
        await #expect(throws: Origin.Down.self) { try await read(cache) }
        #expect(cache.statistics.staleHits == 0)
    }

    @Test("callers who wait for a failing load get the stale copy too")
    func graceForWaiters() async throws {
        let cache = try cache(exact(grace: .seconds(600)))
        _ = try await read(cache)
        clock.advance(by: .seconds(60))
        let door = Latch()
        let tasks = (0..<10)
            .map { _ in
                Task {
                    try await cache.value(forKey: 1) { _ in
                        try await door.wait()
                        throw Origin.Down()
                    }
                }
            }
        await until { cache.activity.waiting == 9 }
        door.open()
        for task in tasks { #expect(try await task.value == "one") }
        #expect(cache.statistics.staleHits == 10)
    }

    @Test("an absence is remembered for its own lifetime")
    func absence() async throws {
        let cache = try cache(exact(timeToLive: .seconds(60), negativeTimeToLive: .seconds(5)))
        #expect(try await read(cache, 9) == nil)
        clock.advance(by: .seconds(4))
        #expect(try await read(cache, 9) == nil)
        #expect(try await cache.value(forKey: 9) == nil)
        #expect(origin.loads == 1)
        #expect(cache.statistics.memoryHits == 2)
        clock.advance(by: .seconds(1))
        origin[9] = "nine"
        #expect(try await read(cache, 9) == "nine")
    }

    @Test("a negative lifetime of zero remembers no absence, and an absence drops the value there was")
    func forgottenAbsence() async throws {
        let cache = try cache(exact(grace: .seconds(600), negativeTimeToLive: .zero))
        _ = try await read(cache)
        clock.advance(by: .seconds(60))
        origin[1] = nil
        #expect(try await read(cache) == nil)
        #expect(try await read(cache) == nil)
        #expect(origin.loads == 3)
        origin.isDown = true
        await #expect(throws: Origin.Down.self) { try await read(cache) }
    }

    @Test("a caller whose loader always brings a value does not take a remembered absence for an answer")
    func absenceIsNoValue() async throws {
        let cache = try cache(exact())
        try await cache.setAbsent(forKey: 1)
        #expect(try await cache.valueIfPresent(forKey: 1) { _ in "loaded" } == nil)
        #expect(try await cache.value(forKey: 1) { _ in "made" } == "made")
        #expect(cache.cachedValue(forKey: 1) == "made")
    }

    @Test("a time to live of zero stores nothing and drops what there was")
    func zeroTimeToLive() async throws {
        let cache = try cache(exact())
        try await cache.setValue("old", forKey: 1)
        try await cache.setValue("new", forKey: 1, policy: exact(timeToLive: .zero))
        #expect(try await cache.value(forKey: 1) == nil)
        let uncached = try caches.cache(CacheNamespace<Int, String>.inMemory("none", policy: exact(timeToLive: .zero)))
        _ = try await uncached.value(forKey: 1) { _ in "a" }
        #expect(try await uncached.value(forKey: 1) { _ in "b" } == "b")
    }

    @Test("jitter shortens lifetimes, by its share at most, and not all alike")
    func jitter() async throws {
        let policy = CachePolicy(timeToLive: .seconds(100), jitter: 0.2)
        let cache = try cache(policy)
        for key in 0..<1_000 { try await cache.setValue("v", forKey: key) }
        clock.advance(by: .seconds(80) - .nanoseconds(1))
        #expect((0..<1_000).allSatisfy { cache.cachedValue(forKey: $0) != nil })
        clock.advance(by: .seconds(10))
        let alive = (0..<1_000).count { cache.cachedValue(forKey: $0) != nil }
        #expect((300...700).contains(alive), "half of the lifetimes should have ended half-way through the jitter")
        clock.advance(by: .seconds(10) + .nanoseconds(1))
        #expect((0..<1_000).allSatisfy { cache.cachedValue(forKey: $0) == nil })
    }

    @Test("a load that passes its deadline is abandoned: its waiters get an error, the key is free, its result is lost")
    func abandonedLoad() async throws {
        let cache = try cache(exact(loadDeadline: .seconds(3)))
        let door = Latch()
        let leader = Task {
            try await cache.value(forKey: 1) { _ in
                await door.waitUncancellably()
                return "late"
            }
        }
        await until { cache.activity.flights == 1 }
        let waiter = Task { try await cache.value(forKey: 1) { _ in "never asked" } }
        await until { cache.activity.waiting == 1 && clock.sleepers > 0 }
        clock.advance(by: .seconds(3))
        let error = await #expect(throws: CacheError.self) { try await waiter.value }
        #expect(error?.code == .loadTimedOut)
        #expect(try await cache.value(forKey: 1) { _ in "new" } == "new")
        door.open()
        #expect(try await leader.value == "late", "the leader's own caller still gets what it waited for")
        #expect(cache.cachedValue(forKey: 1) == "new")
        #expect(cache.statistics.abandonedLoads == 1)
        #expect(cache.statistics.fencedLoads == 1)
        #expect(cache.activity == (0, 0))
    }

    @Test("a registered loader that hangs is cancelled at its deadline, and callers with a stale copy get that")
    func abandonedSharedLoad() async throws {
        let door = Latch()
        let loading = try caches.cache(
            CacheNamespace<Int, String>
                .inMemory("loading", policy: exact(grace: .seconds(60), loadDeadline: .seconds(3)))
        ) { _ in
            try await door.wait()
            return "loaded"
        }
        try await loading.setValue("old", forKey: 1)
        clock.advance(by: .seconds(60))
        let tasks = (0..<5).map { _ in Task { try await loading.value(forKey: 1) } }
        let other = Task { try await loading.value(forKey: 2) }
        await until { loading.cache.activity.waiting == 6 }
        await clock.waitForSleepers()
        clock.advance(by: .seconds(3))
        for task in tasks { #expect(try await task.value == "old") }
        let error = await #expect(throws: CacheError.self) { try await other.value }
        #expect(error?.code == .loadTimedOut)
        #expect(loading.statistics.abandonedLoads == 2)
        await until { loading.cache.activity == (0, 0) }
    }

    @Test("a load that hung for longer than its deadline while nobody waited neither stores nor fails the next caller")
    func forgottenLoad() async throws {
        let cache = try cache(exact(loadDeadline: .seconds(3)))
        let door = Latch()
        let hung = Task {
            try await cache.value(forKey: 1) { _ in
                await door.waitUncancellably()
                return "late"
            }
        }
        await door.waitForArrivals()
        clock.advance(by: .seconds(60))
        #expect(try await cache.value(forKey: 1) { _ in "new" } == "new")
        let second = Latch()
        let lonely = Task {
            try await cache.value(forKey: 2) { _ in
                await second.waitUncancellably()
                return "late"
            }
        }
        await second.waitForArrivals()
        clock.advance(by: .seconds(3))
        door.open()
        second.open()
        #expect(try await hung.value == "late")
        #expect(try await lonely.value == "late")
        #expect(cache.cachedValue(forKey: 1) == "new")
        #expect(cache.cachedValue(forKey: 2) == nil)
        #expect(cache.statistics.abandonedLoads == 2)
        #expect(cache.activity == (0, 0))
    }

    @Test("those who wait for a hanging load get the stale copy that the store has")
    func staleFromStoreForAbandoned() async throws {
        let store = DictionaryStore(clock: clock)
        let namespace = CacheNamespace<Int, String>("v", policy: exact(grace: .seconds(600), loadDeadline: .seconds(3)))
        try await CacheSystem(store: store, clock: clock).cache(namespace).setValue("old", forKey: 1)
        clock.advance(by: .seconds(60))
        let door = Latch()
        let loading = try CacheSystem(store: store, clock: clock)
            .cache(namespace) { _ in
                try await door.wait()
                return "new"
            }
        let tasks = (0..<3).map { _ in Task { try await loading.value(forKey: 1) } }
        await until { loading.cache.activity.waiting == 3 }
        await door.waitForArrivals()
        await clock.waitForSleepers()
        clock.advance(by: .seconds(3))
        for task in tasks { #expect(try await task.value == "old") }
        #expect(loading.statistics.staleHits == 3)
    }
}
