import BenchmarkReport
import Foundation
import LarderTesting
import MemoryCache

/// Eight threads that do all that can be done with a cache, at random, and pause now and then, so that what is left can
/// be counted.
struct Stress {
    let seed: UInt64
    static let threads = 8

    func run(seconds: Double, _ report: Report) throws {
        let start = Date()
        var rounds = 0
        var problems: [String] = []
        let operations = Counter()
        while problems.isEmpty, rounds == 0 || Date().timeIntervalSince(start) < seconds {
            var random = SplitMix64(seed: seed &+ UInt64(rounds))
            let settings = StressSettings(using: &random)
            let roundSeed = random.next()
            if rounds % 2 == 0 {
                problems = try round(settings, roundSeed, operations) { $0 }
            } else {
                problems = try round(settings, roundSeed, operations) { "a key of more than 15 bytes, number \($0)" }
            }
            problems = problems.map { "\($0), in round \(rounds) of seed \(seed), with \(settings)" }
            rounds += 1
        }
        for problem in problems { report.note(problem) }
        report.add("seed", Double(seed))
        report.add("seconds", Date().timeIntervalSince(start))
        report.add("rounds", Double(rounds))
        report.add("operations", Double(operations.value))
        report.expect("violations", Double(problems.count), toBe: 0)
    }

    /// A cache from its first to its last entry.
    ///
    /// - Returns: What was wrong.
    private func round<Key: Hashable & Sendable>(
        _ settings: StressSettings,
        _ seed: UInt64,
        _ operations: Counter,
        _ makeKey: @escaping @Sendable (Int) -> Key
    ) throws -> [String] {
        let pauses = 4
        let steps = 15_000
        let ledger = Ledger(values: pauses * Self.threads * steps)
        let keys = (0..<settings.keys).map(makeKey)
        let round = try StressRound(settings, keys, ledger)
        for pause in 0..<pauses {
            let group = DispatchGroup()
            for thread in 0..<Self.threads {
                group.enter()
                Thread.detachNewThread {
                    let number = pause * Self.threads + thread
                    var random = SplitMix64(seed: seed &+ UInt64(number))
                    for step in 0..<steps { round.act(value: number * steps + step, using: &random) }
                    operations.add(steps)
                    group.leave()
                }
            }
            group.wait()
            let problems = try round.problems()
            if !problems.isEmpty { return problems }
        }
        return round.problemsAtEnd()
    }
}
