import LarderTesting
import Testing

@testable import Larder

@Suite(.timeLimit(.minutes(10))) struct RefreshAheadTests {
    private let clock = ManualClock()
    private let origin = Origin([1: "one"])
    private let store: DictionaryStore
    private let door = Latch()

    init() {
        store = DictionaryStore(clock: clock)
    }

    private func cache(
        _ rule: RefreshAhead = .afterFraction(0.75),
        load: (@Sendable (Int) async throws -> String?)? = nil
    ) throws -> LoadingCache<Int, String> {
        let policy = CachePolicy(timeToLive: .seconds(100), jitter: 0, loadDeadline: .seconds(5), refreshAhead: rule)
        return try CacheSystem(store: store, clock: clock)
            .cache(
                CacheNamespace("values", policy: policy),
                load: load ?? { [origin] in try origin.load($0) }
            )
    }

    @Test("the first hit after a share of the life is answered at once and starts one refresh")
    func eager() async throws {
        let cache = try cache()
        #expect(try await cache.value(forKey: 1) == "one")
        clock.advance(by: .seconds(75) - .nanoseconds(1))
        #expect(try await cache.value(forKey: 1) == "one")
        #expect(cache.statistics.refreshes == 0)
        clock.advance(by: .nanoseconds(1))
        origin[1] = "uno"
        for _ in 0..<50 { _ = try await cache.value(forKey: 1) }
        await until { cache.cache.activity.flights == 0 }
        #expect(try await cache.value(forKey: 1) == "uno")
        #expect(cache.statistics.refreshes == 1)
        #expect(origin.loads == 2)
        clock.advance(by: .seconds(74))
        #expect(cache.cachedValue(forKey: 1) == "uno", "the refresh began a whole new life")
        #expect(cache.statistics.misses == 1)
    }

    @Test("a refresh that fails leaves the value, and is tried again after half of the life that is left")
    func failure() async throws {
        let cache = try cache()
        _ = try await cache.value(forKey: 1)
        clock.advance(by: .seconds(75))
        origin.isDown = true
        #expect(try await cache.value(forKey: 1) == "one")
        await until { cache.cache.activity.flights == 0 }
        clock.advance(by: .seconds(12.5) - .nanoseconds(1))
        #expect(try await cache.value(forKey: 1) == "one")
        #expect(origin.loads == 2)
        clock.advance(by: .nanoseconds(1))
        #expect(try await cache.value(forKey: 1) == "one")
        await until { origin.loads == 3 && cache.cache.activity.flights == 0 }
        clock.advance(by: .seconds(12.5))
        await #expect(throws: Origin.Down.self) { try await cache.value(forKey: 1) }
        #expect(cache.statistics.refreshes == 2)
        #expect(cache.statistics.loadFailures == 3)
    }

    @Test("callers who would miss wait for the refresh that is under way")
    func joining() async throws {
        let cache = try cache { [door, origin] key in
            if origin.loads > 0 { try await door.wait() }
            return try origin.load(key)
        }
        _ = try await cache.value(forKey: 1)
        clock.advance(by: .seconds(98))
        _ = try await cache.value(forKey: 1)
        await door.waitForArrivals()
        clock.advance(by: .seconds(2))
        let callers = (0..<5).map { _ in Task { try await cache.value(forKey: 1) } }
        await until { cache.cache.activity.waiting == 5 }
        for caller in callers.dropLast() { caller.cancel() }
        door.open()
        #expect(try await callers[4].value == "one")
        #expect(origin.loads == 2)
    }

    @Test("a refresh that everybody who joined it has left goes on")
    func leaving() async throws {
        let cache = try cache { [door, origin] key in
            if origin.loads > 0 { try await door.wait() }
            return try origin.load(key)
        }
        _ = try await cache.value(forKey: 1)
        clock.advance(by: .seconds(98))
        _ = try await cache.value(forKey: 1)
        await door.waitForArrivals()
        clock.advance(by: .seconds(2))
        let caller = Task { try await cache.value(forKey: 1) }
        await until { cache.cache.activity.waiting == 1 }
        caller.cancel()
        await #expect(throws: CancellationError.self) { try await caller.value }
        door.open()
        await until { cache.cache.activity.flights == 0 }
        #expect(cache.cachedValue(forKey: 1) == "one")
    }

    @Test("what another process has refreshed is taken from the store instead of loaded")
    func refreshedElsewhere() async throws {
        let cache = try cache()
        _ = try await cache.value(forKey: 1)
        clock.advance(by: .seconds(75))
        try await self.cache().setValue("theirs", forKey: 1)
        _ = try await cache.value(forKey: 1)
        await until { cache.cache.activity.flights == 0 }
        #expect(try await cache.value(forKey: 1) == "theirs")
        #expect(origin.loads == 1)
    }

    @Test("a refresh that was overtaken by a removal is stored nowhere")
    func fence() async throws {
        let cache = try cache { [door, origin] key in
            if origin.loads > 0 { try await door.wait() }
            return try origin.load(key)
        }
        _ = try await cache.value(forKey: 1)
        clock.advance(by: .seconds(75))
        _ = try await cache.value(forKey: 1)
        await door.waitForArrivals()
        try await cache.removeValue(forKey: 1)
        door.open()
        await until { cache.statistics.fencedLoads == 1 }
        #expect(cache.cachedValue(forKey: 1) == nil)
        #expect(try await cache.cache.value(forKey: 1) == nil)
    }

    @Test("a refresh that hangs is cancelled at its deadline")
    func hanging() async throws {
        let cancelled = Latch()
        let cache = try cache { [door, origin] key in
            guard origin.loads > 0 else { return try origin.load(key) }
            do {
                try await door.wait()
            } catch {
                cancelled.open()
                throw error
            }
            return nil
        }
        _ = try await cache.value(forKey: 1)
        clock.advance(by: .seconds(75))
        _ = try await cache.value(forKey: 1)
        await door.waitForArrivals()
        await clock.waitForSleepers()
        clock.advance(by: .seconds(5))
        try await cancelled.wait()
        #expect(cache.statistics.abandonedLoads == 1)
        #expect(try await cache.value(forKey: 1) == "one")
    }

    @Test("the probabilistic rule comes early by the duration of the load on average, and not at all for free loads")
    func probabilistic() {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix64(seed: seed)
        let rule = RefreshAhead.probabilistic(eagerness: 2)
        var sum = Duration.zero
        for _ in 0..<20_000 {
            let draw = 1 - Double.random(in: 0..<1, using: &random)
            sum += rule.lead(timeToLive: .seconds(1_000), loadDuration: .seconds(1), jitter: 0, random: draw) ?? .zero
        }
        let mean = sum / 20_000
        #expect(mean > .milliseconds(1_900) && mean < .milliseconds(2_100), "seed \(seed)")
        #expect(
            rule.lead(timeToLive: .seconds(10), loadDuration: .seconds(1_000), jitter: 0, random: 0.1) == .seconds(10)
        )
        #expect(rule.lead(timeToLive: .seconds(10), loadDuration: .zero, jitter: 0, random: 0.1) == .zero)
        #expect(
            RefreshAhead.never.lead(timeToLive: .seconds(10), loadDuration: .seconds(1), jitter: 0, random: 0.1) == nil
        )
    }

    @Test("with the probabilistic rule hits refresh before the expiry")
    func probabilisticRefresh() async throws {
        let cache = try cache(.probabilistic(eagerness: 1_000)) { [clock, origin] key in
            clock.advance(by: .seconds(1))
            return try origin.load(key)
        }
        _ = try await cache.value(forKey: 1)
        clock.advance(by: .seconds(98))
        _ = try await cache.value(forKey: 1)
        await until { origin.loads == 2 && cache.cache.activity.flights == 0 }
        #expect(cache.statistics.refreshes == 1)
    }

    @Test("shares and eagerness out of range are refused", arguments: [0, 1, -1, .nan, 1.5] as [Double])
    func invalidRules(number: Double) {
        #expect(throws: CacheError.self) { try cache(.afterFraction(number)) }
        if number != 1, number != 1.5 {
            #expect(throws: CacheError.self) { try cache(.probabilistic(eagerness: number)) }
        }
    }
}
