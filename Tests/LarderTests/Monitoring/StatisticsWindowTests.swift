import LarderTesting
import Testing

@testable import Larder

@Suite(.timeLimit(.minutes(10))) struct StatisticsWindowTests {
    @Test("a window counts what came within it, less at most one step, and nothing from before")
    func windows() {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix64(seed: seed)
        var history = StatisticsHistory()
        var counted = CacheStatistics()
        var reads: [Int] = []
        var now = 0
        history.note(counted, at: .zero)
        for _ in 0..<9_000 {
            now += 10
            // A reading at each step, as a running system takes them, and reads at any time after it.
            history.note(counted, at: .seconds(now))
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                counted.memoryHits += 1
                reads.append(now)
            }
            guard Int.random(in: 0..<100, using: &random) == 0 else { continue }
            for window in StatisticsWindow.allCases {
                let count = history.statistics(window, of: counted, at: .seconds(now)).memoryHits
                let length = Int(window.duration / .seconds(1))
                let step = Int(window.step / .seconds(1))
                let atMost = reads.count { $0 > now - length }
                let atLeast = reads.count { $0 > now - length + step }
                #expect((atLeast...atMost).contains(count), "seed \(seed), \(window) at \(now)")
            }
        }
    }

    @Test("the steps of a window add up to what it counts, and each has what came within it")
    func steps() {
        var history = StatisticsHistory()
        var counted = CacheStatistics()
        for second in stride(from: 0, through: 595, by: 5) {
            history.note(counted, at: .seconds(second))
            counted.misses += 1
            counted.entries = second
        }
        for window in [StatisticsWindow.oneMinute, .fiveMinutes] {
            let steps = history.steps(window, of: counted, at: .seconds(599))
            let newest = window.step(at: .seconds(599))
            #expect(steps.keys.sorted() == Array(newest - window.steps + 1...newest))
            let sum = steps.values.reduce(0) { $0 + $1.misses }
            #expect(sum == history.statistics(window, of: counted, at: .seconds(599)).misses)
            #expect(steps.values.allSatisfy { $0.misses == Int(window.step / .seconds(5)) })
            #expect(steps[newest]?.entries == 595)
            #expect(steps[newest - 1]?.entries ?? 595 < 595)
        }
    }

    @Test("counts are of the window, and what is now stays what it is")
    func differences() {
        var earlier = CacheStatistics()
        earlier.misses = 3
        earlier.missReasons = [.cold: 3]
        earlier.entries = 7
        var later = earlier
        later.misses = 5
        later.missReasons = [.cold: 3, .expired: 2]
        later.entries = 4
        later.breaker = .open
        let difference = later.since(earlier)
        #expect(difference.misses == 2)
        #expect(difference.missReasons == [.expired: 2])
        #expect(difference.entries == 4)
        #expect(difference.breaker == .open)
        var sum = earlier
        sum += later
        #expect(sum.misses == 8)
        #expect(sum.entries == 11)
        #expect(sum.breaker == .open)
    }

    @Test("while the system runs the windows move by themselves")
    func running() async throws {
        let clock = ManualClock()
        let system = try CacheSystem(clock: clock)
        let cache = try system.cache(CacheNamespace<Int, String>.inMemory("values"))
        _ = try await cache.value(forKey: 1) { _ in "one" }
        #expect(cache.statistics(over: .oneMinute).misses == 1)
        let run = Task { try await system.run() }
        for _ in 0..<12 {
            await clock.waitForSleepers()
            clock.advance(by: .seconds(10))
        }
        await clock.waitForSleepers()
        #expect(cache.statistics(over: .oneMinute).misses == 0)
        #expect(cache.statistics(over: .oneHour).misses == 1)
        #expect(system.statistics(over: .oneHour)["values"]?.misses == 1)
        run.cancel()
        _ = await run.result
    }

    @Test("durations of the store, of loads and of stale answers are measured on the clock of the cache")
    func latencies() async throws {
        let clock = ManualClock()
        let store = DictionaryStore(clock: clock)
        let cache = try CacheSystem(store: store, clock: clock)
            .cache(CacheNamespace<Int, String>("values", policy: exact(grace: .seconds(60))))
        _ = try await cache.value(forKey: 1) { _ in
            clock.advance(by: .milliseconds(80))
            return "one"
        }
        let loads = cache.latencies(of: .origin, over: .oneMinute)
        #expect(loads.count == 1)
        #expect(loads.maximum == .milliseconds(80))
        #expect(cache.latencies(of: .store, over: .oneMinute).count == 1)
        clock.advance(by: .seconds(90))
        _ = try await cache.value(forKey: 1) { _ in throw Origin.Down() }
        #expect(cache.latencies(of: .staleAge, over: .fiveMinutes).maximum == .seconds(90))
        #expect(cache.latencies(of: .origin, over: .oneMinute).maximum == .zero)
    }

    @Test("the age of the oldest load is told while it is under way")
    func oldestLoad() async throws {
        let clock = ManualClock()
        let origin = HeldOrigin([1: "one"])
        let cache = try CacheSystem(clock: clock)
            .cache(CacheNamespace<Int, String>.inMemory("values", policy: exact())) { try await origin.load($0) }
        origin.hold()
        let read = Task { try await cache.value(forKey: 1) }
        await origin.waitForLoads(1)
        clock.advance(by: .seconds(7))
        #expect(cache.statistics.oldestLoadAge == .seconds(7))
        #expect(cache.statistics.runningLoads == 1)
        origin.release()
        _ = try await read.value
        #expect(cache.statistics.oldestLoadAge == .zero)
    }

    @Test("with counters alone nothing else is kept")
    func countersOnly() async throws {
        var configuration = CacheSystem.Configuration()
        configuration.monitoring = .countersOnly
        let cache = try CacheSystem(configuration: configuration)
            .cache(CacheNamespace<Int, String>.inMemory("values"))
        for key in 0..<300 { _ = try await cache.value(forKey: key) { "\($0)" } }
        #expect(cache.statistics.misses == 300)
        #expect(cache.statistics(over: .oneMinute).misses == 300)
        #expect(cache.latencies(of: .origin, over: .oneDay).count == 0)
        #expect(cache.hottestKeys(10).isEmpty)
        #expect(cache.estimatedMissRatio(atCapacity: 10) == nil)
        configuration.monitoring.hotKeys = -1
        #expect(throws: CacheError.self) { try CacheSystem(configuration: configuration) }
    }
}
