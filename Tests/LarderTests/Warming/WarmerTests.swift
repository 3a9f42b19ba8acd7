import Foundation
import LarderTesting
import MemoryCache
import Testing

@testable import Larder

@Suite(.timeLimit(.minutes(10))) struct WarmerTests {
    private typealias Down = WarmingOrigin.Down

    private let bench = WarmingBench()
    private var clock: ManualClock { bench.clock }

    @Test(
        "keys are warmed at the rate and no faster, and the gate opens when enough of them are",
        arguments: [false, true]
    )
    func rate(isFailing: Bool) async throws {
        let origin = WarmingOrigin(clock, takes: .milliseconds(5), fails: { isFailing && $0 % 3 == 0 })
        let (system, cache) = try bench.cache(origin)
        // One load at a time: what starts late because the machine is busy then delays all that follow it.
        let rules = WarmingRules(loadsPerSecond: 200, maximumConcurrentLoads: 1, attempts: 20)
        let warmer = try Warmer(of: system, tasks: [WarmingTask("all", of: cache, rules: rules) { 0..<1_000 }])
        let gate = Task { await warmer.waitUntilWarm(fraction: 0.9, deadline: .seconds(3_600)) }
        await bench.run(warmer)
        #expect(await gate.value)
        #expect(origin.mostInASecond <= 200)
        #expect(cache.cachedValue(forKey: 999) == "999")
        let progress = try #require(warmer.statistics["all"]).newest
        #expect(progress.loaded == 1_000)
        #expect(progress.failed == 0)
        #expect(origin.starts.count == (isFailing ? 1_499 : 1_000))
        // Warming is nobody's read.
        #expect((cache.statistics.misses, cache.statistics.memoryHits) == (0, 1))
        #expect(cache.cache.hottestKeys(2).count <= 1)
    }

    @Test("what memory or the store has is not loaded, the first key comes first, and several are asked for together")
    func tiers() async throws {
        let store = DictionaryStore(clock: clock)
        let (_, first) = try bench.cache(WarmingOrigin(clock), store)
        for key in 0..<10 { try await first.setValue("old", forKey: key) }
        let origin = WarmingOrigin(clock)
        let (system, second) = try bench.cache(origin, store)
        try await second.setValue("new", forKey: 0)
        let asked = Locked<[[Int]]>([])
        let bulk = try system.cache(CacheNamespace<Int, String>("bulk")) { (keys: [Int]) in
            asked.withLock { $0.append(keys.sorted()) }
            return Dictionary(uniqueKeysWithValues: keys.map { ($0, "\($0)") })
        }
        let rules = WarmingRules(loadsPerSecond: 10, maximumConcurrentLoads: 1, batchSize: 3)
        let warmer = try Warmer(
            of: system,
            tasks: [
                WarmingTask("single", of: second, rules: rules) { 0..<15 },
                WarmingTask("bulk", of: bulk, rules: rules) { 0..<7 },
            ]
        )
        await bench.run(warmer, tasks: 2)
        let single = try #require(warmer.statistics["single"]).newest
        #expect((single.fresh, single.fromStore, single.loaded) == (1, 9, 5))
        #expect(origin.keys == [10, 11, 12, 13, 14])
        #expect(asked.withLock { $0 } == [[0, 1, 2], [3, 4, 5], [6]])
        #expect(single.fraction == 1)
        #expect(single.description.hasPrefix("single: 100 % of 15"))
    }

    @Test("keys that cannot be loaded are given up after their attempts, and the gate says so at the end")
    func failures() async throws {
        let origin = WarmingOrigin(clock, fails: { _ in true })
        let (system, cache) = try bench.cache(origin)
        let rules = WarmingRules(loadsPerSecond: 1_000, attempts: 2)
        let warmer = try Warmer(of: system, tasks: [WarmingTask("all", of: cache, rules: rules) { 0..<10 }])
        let gate = Task { await warmer.waitUntilWarm(fraction: 0.5, deadline: .seconds(3_600)) }
        await bench.run(warmer)
        #expect(await gate.value == false)
        #expect(origin.starts.count == 20)
        #expect(warmer.statistics["all"]?.failed == 10)
    }

    @Test("the gate gives up at its deadline")
    func deadline() async throws {
        let (system, cache) = try bench.cache(WarmingOrigin(clock, takes: .seconds(3_000)))
        let warmer = try Warmer(of: system, tasks: [WarmingTask("all", of: cache) { 0..<10 }])
        let gate = Task { await warmer.waitUntilWarm(fraction: 0.5, deadline: .seconds(5)) }
        await clock.waitForSleepers(1)
        clock.advance(by: .seconds(5))
        #expect(await gate.value == false)
    }

    @Test("an interval begins anew at the end of a run, and a run can be cancelled without ending its schedule")
    func schedule() async throws {
        let origin = WarmingOrigin(clock)
        let (system, cache) = try bench.cache(origin)
        let runs = Locked(0)
        let task = WarmingTask("all", of: cache, schedule: .every(.seconds(60))) { () -> [Int] in
            let number = runs.withLock { count in
                count += 1
                return count
            }
            return [number]
        }
        let warmer = try Warmer(of: system, tasks: [task])
        await bench.run(warmer) { runs.withLock { $0 } == 4 }
        #expect(origin.keys.prefix(3) == [1, 2, 3])
        #expect(clock.now.offset >= .seconds(180))
        #expect(warmer.statistics["all"]?.finishedRuns ?? 0 >= 3)
    }

    @Test("a time of day is met once, though the clock on the wall is set back a little when it has come")
    func timeOfDay() async throws {
        let five = Date(timeIntervalSince1970: 5 * 3_600)
        let setBack = Locked(0.0)
        let system = try CacheSystem(
            clock: clock,
            wallTime: { [clock] in five + clock.now.offset / .seconds(1) - setBack.withLock { $0 } }
        )
        let cache = try system.cache(CacheNamespace<Int, String>("values")) { "\($0)" }
        let runs = Locked<[Duration]>([])
        let cron = try CronExpression("0 6 * * *", in: .gmt)
        let task = WarmingTask("daily", of: cache, schedule: .cron(cron)) { [clock] () -> [Int] in
            runs.withLock { $0.append(clock.now.offset) }
            setBack.withLock { $0 = 2 }
            return [1]
        }
        let warmer = try Warmer(of: system, tasks: [task])
        // Nobody waits for what comes at a time of day.
        #expect(await warmer.waitUntilWarm(fraction: 1, deadline: .seconds(1)))
        let run = Task { try await warmer.run() }
        await clock.pass(longestStep: .seconds(60)) { runs.withLock { $0.count } == 2 }
        run.cancel()
        _ = await run.result
        #expect(runs.withLock { $0 } == [.seconds(3_600), .seconds(25 * 3_600 + 2)])
    }

    @Test("what later runs do opens and closes no gate, and keys that cannot be learnt are asked for again")
    func gate() async throws {
        let (system, cache) = try bench.cache(WarmingOrigin(clock))
        let asked = Locked(0)
        let task = WarmingTask("all", of: cache, schedule: .every(.seconds(60))) { () throws -> Range<Int> in
            let number = asked.withLock { count in
                count += 1
                return count
            }
            if number == 1 || number >= 3 { throw Down() }
            return 0..<10
        }
        let warmer = try Warmer(of: system, tasks: [task])
        await bench.run(warmer) { warmer.statistics["all"]?.unfinishedRuns == 1 }
        #expect(asked.withLock { $0 } == 2 + 3)
        #expect(await warmer.waitUntilWarm(fraction: 1, deadline: .seconds(1)))
        #expect(warmer.statistics["all"]?.finishedRuns == 1)
    }

    @Test("a gate never opens for keys that nobody could tell")
    func noKeys() async throws {
        let (system, cache) = try bench.cache(WarmingOrigin(clock))
        let task = WarmingTask("all", of: cache) { () throws -> Range<Int> in throw Down() }
        let warmer = try Warmer(of: system, tasks: [task])
        let gate = Task { await warmer.waitUntilWarm(fraction: 0.1, deadline: .seconds(3_600)) }
        await bench.run(warmer) { warmer.statistics["all"]?.unfinishedRuns == 1 }
        #expect(await gate.value == false)
    }

    @Test("a run that is cancelled ends with what it has, and its task runs again")
    func cancellation() async throws {
        let (system, cache) = try bench.cache(WarmingOrigin(clock, takes: .seconds(1)))
        let task = WarmingTask("all", of: cache, schedule: .every(.seconds(60))) { 0..<100 }
        let warmer = try Warmer(of: system, tasks: [task])
        var isCancelled = false
        await bench.run(warmer) {
            guard let statistics = warmer.statistics["all"] else { return false }
            if !isCancelled, statistics.newest.loaded >= 8 {
                isCancelled = true
                warmer.cancel("all")
            }
            return statistics.finishedRuns == 1
        }
        let statistics = try #require(warmer.statistics["all"])
        #expect((statistics.unfinishedRuns, statistics.finishedRuns) == (1, 1))
        #expect((statistics.newest.run, statistics.newest.warm, statistics.newest.failed) == (2, 100, 0))
        #expect(statistics.newest.fresh >= 8)
    }

    @Test("progress comes as a sequence that ends with the warmer, and as lines on a terminal or in a file")
    func progress() async throws {
        let (system, cache) = try bench.cache(WarmingOrigin(clock, takes: .milliseconds(5)))
        let warmer = try Warmer(of: system, tasks: [WarmingTask("all", of: cache) { 0..<50 }])
        let listener = Task { await warmer.progress.reduce(into: [WarmingProgress]()) { $0.append($1) } }
        await bench.run(warmer)
        let told = await listener.value
        #expect(told.last?.isFinished == true)
        #expect(zip(told, told.dropFirst()).allSatisfy { $0.loaded <= $1.loaded })
        var terminal = WarmingDisplay(isTerminal: true)
        var file = WarmingDisplay(isTerminal: false)
        var half = WarmingProgress(task: "a", total: 10, loaded: 5, elapsed: .seconds(1))
        #expect(terminal.text(for: half, at: .zero) == "\r\u{1B}[Ka: 50 % of 10, 5/s, 1 s left\n")
        #expect(terminal.text(for: half, at: .milliseconds(50)) == nil)
        #expect(file.text(for: half, at: .zero) == nil)
        half.loaded = 10
        half.isFinished = true
        let line = "a: 100 % of 10, 10/s, done\n"
        #expect(terminal.text(for: half, at: .milliseconds(60)) == "\u{1B}[1A\r\u{1B}[K\(line)")
        #expect(file.text(for: half, at: .zero) == line)
        #expect(file.text(for: half, at: .zero) == nil)
    }

    @Test("of two nodes one at a time loads, and the other finds in the store what was loaded")
    func fleet() async throws {
        let store = DictionaryStore(clock: clock)
        let leases = DictionaryLeases(clock: clock)
        let rules = WarmingRules(loadsPerSecond: 100, maximumConcurrentLoads: 1)
        let origin = WarmingOrigin(clock, takes: .milliseconds(5))
        let nodes = try (0..<2)
            .map { _ in
                let (system, cache) = try bench.cache(origin, store)
                return try Warmer(
                    of: system,
                    tasks: [WarmingTask("all", of: cache, rules: rules) { 0..<200 }],
                    leases: leases
                )
            }
        let other = Task { try await nodes[1].run() }
        await bench.run(nodes[0]) { nodes.allSatisfy { $0.statistics["all"]?.newest.isFinished == true } }
        other.cancel()
        _ = await other.result
        #expect(origin.starts.count == 200)
        #expect(origin.mostInASecond <= 100)
        #expect(leases.held == 0)
    }

    @Test("rules, names and intervals out of range are refused")
    func validation() throws {
        let (system, cache) = try bench.cache(WarmingOrigin(clock))
        func make(_ rules: WarmingRules = WarmingRules(), names: [String] = ["a"], interval: Duration = .seconds(60))
            throws
        {
            let tasks = names.map { WarmingTask($0, of: cache, rules: rules) { 0..<1 } }
            _ = try Warmer(of: system, tasks: tasks, saveInterval: interval)
        }
        try make()
        #expect(throws: CacheError.self) { try make(WarmingRules(loadsPerSecond: 0)) }
        #expect(throws: CacheError.self) { try make(WarmingRules(batchSize: 0)) }
        #expect(throws: CacheError.self) { try make(names: ["a", "a"]) }
        #expect(throws: CacheError.self) { try make(names: [""]) }
        #expect(throws: CacheError.self) { try make(interval: .zero) }
        #expect(throws: CacheError.self) {
            try Warmer(of: system, tasks: [WarmingTask("a", of: cache, schedule: .every(.zero)) { 0..<1 }])
        }
    }
}
