import Foundation
import Larder
import LarderTesting
import Testing

/// Rounds of fifty callers of two keys under random cancels, failures, delays, timeouts and invalidations.
///
/// The environment variable `LARDER_ROUNDS` says how many; 500 unless set.
@Suite(.timeLimit(.minutes(60))) struct LoadingStormTests {
    private static let rounds = ProcessInfo.processInfo.environment["LARDER_ROUNDS"].flatMap { Int($0) } ?? 500

    private let clock = ManualClock()
    private let cache: TieredCache<String, String>
    private let loads = LoadsUnderWay()

    init() throws {
        let policy = exact(timeToLive: .milliseconds(50), grace: .seconds(1))
        var namespace = CacheNamespace<String, String>("values", policy: policy)
        namespace.loadLimits = LoadLimits(maximumConcurrentLoads: 2)
        cache = try CacheSystem(store: DictionaryStore(clock: clock), clock: clock).cache(namespace)
    }

    @Test("whatever happens, each caller is answered once, loads of a key do not overlap, and nothing is left behind")
    func storm() async throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix64(seed: seed)
        var reads = 0
        for round in 0..<Self.rounds {
            let failures = await run(StormRound(round, &random), &random, &reads)
            guard failures.isEmpty else {
                Issue.record("seed \(seed), round \(round): \(failures.sorted())")
                return
            }
            let isAtRest = await settles {
                cache.activity == (0, 0) && cache.watchedDeadlines == 0 && cache.statistics.runningLoads == 0
                    && cache.statistics.queuedLoads == 0
            }
            guard isAtRest else {
                Issue.record("seed \(seed), round \(round): left \(cache.activity), \(cache.watchedDeadlines) alarms")
                return
            }
        }
        #expect(cache.statistics.requests == reads, "each read counts once, seed \(seed)")
    }

    /// Plays a round.
    ///
    /// - Returns: What was wrong.
    private func run(_ round: StormRound, _ random: inout SplitMix64, _ reads: inout Int) async -> Set<String> {
        loads.begin(round)
        let answers = StormAnswers(round)
        var tasks: [Task<Void, Never>] = []
        for caller in 0..<50 {
            let read = round.read(&random)
            if read.options.contains(.forceRefresh) { loads.loosen() }
            reads += read.keys.count
            let place = tasks.count
            tasks.append(
                Task { [cache, loads] in
                    await answers.take(place) { try await read.perform(cache, loads, round) }
                }
            )
            switch round.isCalm ? .none : StormEvent.random(&random) {
            case .none:
                break
            case .pause:
                await Task.yield()
            case .cancel(let victim):
                guard tasks.indices.contains(victim) else { break }
                loads.loosen()
                answers.expectCancellation(of: victim)
                tasks[victim].cancel()
            case .advance(let duration):
                loads.loosen(2)
                clock.advance(by: duration)
            case .change(let change):
                loads.loosen()
                let key = round.keys[caller % 2]
                let place = tasks.count
                tasks.append(
                    Task { [cache] in
                        await answers.take(place) {
                            try await change.perform(cache, key)
                            return []
                        }
                    }
                )
            }
        }
        round.door.open()
        let count = tasks.count
        guard await settles({ answers.count >= count && loads.running == 0 }) else {
            return ["\(count - answers.count) callers without an answer"]
        }
        for task in tasks { await task.value }
        var wrong = answers.wrong
        if answers.count != count { wrong.insert("\(answers.count) answers to \(count) callers") }
        if loads.haveOverlapped { wrong.insert("loads of a key overlapped") }
        return wrong
    }

    /// Waits until a condition holds, as long as it takes if all is well.
    private func settles(_ condition: () -> Bool) async -> Bool {
        for _ in 0..<20_000_000 {
            if condition() { return true }
            await Task.yield()
        }
        return false
    }
}
