import Larder
import LarderTesting
import Logging
import Testing

@Suite(.timeLimit(.minutes(10))) struct StaleCopyTests {
    private let clock = ManualClock()
    private let store: DictionaryStore
    private let origin = Origin([1: "one"])
    private let log = LogRecorder()

    init() {
        store = DictionaryStore(clock: clock)
    }

    private func cache(
        _ policy: CachePolicy = exact(grace: .seconds(600), retryPause: .seconds(5)),
        defaultValue: String? = nil
    ) throws -> TieredCache<Int, String> {
        var namespace = CacheNamespace<Int, String>("values", policy: policy)
        if let defaultValue { namespace.defaultValue = { _ in defaultValue } }
        return try CacheSystem(store: store, clock: clock, logger: log.logger).cache(namespace)
    }

    private func read(_ cache: TieredCache<Int, String>, _ key: Int = 1) async throws -> String {
        try await cache.value(forKey: key) { [origin] in try #require(try origin.load($0)) }
    }

    @Test("after a failure the stale copy is served for the retry pause, and the loader is asked again after it")
    func retryPause() async throws {
        let cache = try cache()
        _ = try await read(cache)
        clock.advance(by: .seconds(60))
        origin.isDown = true
        for _ in 0..<10 { #expect(try await read(cache) == "one") }
        #expect(origin.loads == 2)
        clock.advance(by: .seconds(5) - .nanoseconds(1))
        #expect(try await read(cache) == "one")
        #expect(origin.loads == 2)
        clock.advance(by: .nanoseconds(1))
        #expect(try await read(cache) == "one")
        #expect(origin.loads == 3)
        origin.isDown = false
        clock.advance(by: .seconds(5))
        #expect(try await read(cache) == "one")
        #expect(origin.loads == 4)
        #expect(cache.cachedValue(forKey: 1) == "one")
        #expect(cache.statistics.staleHits == 12)
    }

    @Test("pauses, with jitter or without, never lengthen the grace of a copy", arguments: [0, 0.5])
    func graceAndJitter(jitter: Double) async throws {
        var policy = exact(grace: .seconds(100), retryPause: .seconds(30))
        let cache = try cache(policy)
        _ = try await read(cache)
        policy.jitter = jitter
        origin.isDown = true
        clock.advance(by: .seconds(60))
        for _ in 0..<99 {
            let value = try await cache.value(forKey: 1, policy: policy) { [origin] in try origin.load($0) ?? "" }
            #expect(value == "one")
            clock.advance(by: .seconds(1))
        }
        clock.advance(by: .seconds(1) - .nanoseconds(1))
        #expect(try await read(cache) == "one")
        clock.advance(by: .nanoseconds(1))
        await #expect(throws: Origin.Down.self) { try await read(cache) }
        let pauses = origin.loads - 2
        #expect(jitter == 0 ? pauses == 4 : (4...8).contains(pauses), "\(pauses)")
    }

    @Test("a failure that a loader returns is the same as one that it throws")
    func failedResult() async throws {
        let cache = try cache()
        let fail = { @Sendable (_: Int, _: inout LoadContext<String>) in LoadResult<String>.failed(Origin.Down()) }
        await #expect(throws: Origin.Down.self) { try await cache.result(forKey: 1, orLoad: fail) }
        _ = try await read(cache)
        clock.advance(by: .seconds(60))
        let answer = try await cache.result(forKey: 1, orLoad: fail)
        #expect(answer.value == "one")
        #expect(answer.isStale)
        #expect(answer.age == .seconds(60))
    }

    @Test("a caller who is cancelled is no failure: no copy stands in for it, and no pause begins")
    func cancellation() async throws {
        let cache = try cache()
        _ = try await read(cache)
        clock.advance(by: .seconds(60))
        let door = Latch()
        let caller = Task {
            try await cache.value(forKey: 1) { _ in
                try await door.wait()
                return "never"
            }
        }
        await door.waitForArrivals()
        caller.cancel()
        await #expect(throws: CancellationError.self) { try await caller.value }
        origin[1] = "uno"
        #expect(try await read(cache) == "uno")
        #expect(cache.statistics.loadFailures == 0)
        #expect(cache.statistics.staleHits == 0)
    }

    @Test("a stale copy that only the store has stands in, and is kept in memory for the pause")
    func copyInStore() async throws {
        _ = try await read(cache())
        clock.advance(by: .seconds(70))
        origin.isDown = true
        let cache = try cache()
        let answer = try await cache.result(forKey: 1) { _, _ in .failed(Origin.Down()) }
        #expect(answer.value == "one")
        #expect(answer.isStale)
        #expect(answer.age == .seconds(70))
        clock.advance(by: .seconds(4))
        #expect(try await read(cache) == "one")
        #expect(origin.loads == 1, "the second read was answered by memory")
        clock.advance(by: .seconds(600) - .seconds(14))
        await #expect(throws: Origin.Down.self) { try await read(cache) }
    }

    @Test("without any copy the default value stands in for the pause; it is stored nowhere and offered to no loader")
    func defaultValue() async throws {
        let cache = try cache(defaultValue: "default")
        origin.isDown = true
        let first = try await cache.result(forKey: 1) { _, _ in .failed(Origin.Down()) }
        #expect(first.value == "default")
        #expect(first.source == .defaultValue)
        #expect(first.isStale)
        #expect(try await read(cache) == "default")
        #expect(origin.loads == 0, "the pause holds for the default value, too")
        #expect(cache.cachedValue(forKey: 1) == nil)
        #expect(store.count == 0)
        let seen = Counter()
        clock.advance(by: .seconds(5))
        _ = try await cache.result(forKey: 1) { _, context in
            if context.stale != nil { seen.add() }
            return .value("real")
        }
        #expect(seen.value == 0)
        #expect(cache.cachedValue(forKey: 1) == "real")
        #expect(cache.statistics.staleHits == 2)
    }

    @Test("a copy comes before the default value")
    func copyBeforeDefault() async throws {
        let cache = try cache(defaultValue: "default")
        _ = try await read(cache)
        clock.advance(by: .seconds(60))
        origin.isDown = true
        #expect(try await read(cache) == "one")
        clock.advance(by: .seconds(600))
        #expect(try await read(cache) == "default")
    }

    @Test("the failures behind stale answers are logged once per interval")
    func logging() async throws {
        let cache = try cache(exact(grace: .seconds(600)))
        _ = try await read(cache)
        clock.advance(by: .seconds(60))
        origin.isDown = true
        for _ in 0..<5 { _ = try await read(cache) }
        #expect(log.warnings.count == 1)
        clock.advance(by: .seconds(60))
        _ = try await read(cache)
        #expect(log.warnings.count == 2)
        #expect(log.warnings[1].metadata["failures_since_last_line"] == "4")
    }

    @Test("a copy that was removed while its replacement was loading does not come back when the load fails")
    func removedCopy() async throws {
        let cache = try cache()
        _ = try await read(cache)
        clock.advance(by: .seconds(60))
        let door = Latch()
        let load = { @Sendable (_: Int) async throws -> String in
            try await door.wait()
            throw Origin.Down()
        }
        let leader = Task { try await cache.value(forKey: 1, orLoad: load) }
        await door.waitForArrivals()
        let waiter = Task { try await cache.value(forKey: 1, orLoad: load) }
        await until { cache.activity.waiting == 1 }
        try await cache.removeValue(forKey: 1)
        door.open()
        await #expect(throws: Origin.Down.self) { try await leader.value }
        await #expect(throws: Origin.Down.self) { try await waiter.value }
        #expect(try await cache.value(forKey: 1, options: .allowStale) == nil)
    }

    @Test("after a load that was abandoned the stale copy rests too, so that a hung origin is asked once a pause")
    func abandonedLoad() async throws {
        let policy = exact(
            grace: .seconds(600),
            softTimeout: .seconds(600),
            loadDeadline: .seconds(3),
            retryPause: .seconds(5)
        )
        let asked = Counter()
        let door = Latch()
        defer { door.open() }
        let cache = try CacheSystem(store: store, clock: clock, logger: log.logger)
            .cache(CacheNamespace<Int, String>("values", policy: policy)) { _ in
                if asked.add() == 1 { return "one" }
                await door.waitUncancellably()
                return nil
            }
        _ = try await cache.value(forKey: 1)
        clock.advance(by: .seconds(60))
        let caller = Task { try await cache.value(forKey: 1) }
        await until { cache.cache.activity.waiting == 1 && asked.value == 2 }
        clock.advance(by: .seconds(3))
        #expect(try await caller.value == "one")
        #expect(try await cache.value(forKey: 1) == "one")
        #expect(asked.value == 2)
    }

    @Test("a forced refresh that fails leaves the fresh copy as it is")
    func failedForcedRefresh() async throws {
        let cache = try cache()
        _ = try await read(cache)
        let answer = try await cache.value(forKey: 1, options: .forceRefresh) { _ in throw Origin.Down() }
        #expect(answer == "one")
        #expect(cache.cachedValue(forKey: 1) == "one")
    }
}
