import BenchmarkReport
import MemoryCache

/// Requests that are chosen to hurt.
///
/// Each scenario is run a few times, and the run counts whose slowest operation was the fastest. What the cache itself
/// does slowly is slow in each run; what the machine does is not.
struct Adversary {
    /// What no operation may exceed, in microseconds.
    static let bound = 1_000.0

    let rounds: Int

    func measure(_ report: Report) throws {
        var scenarios: [KeyScenarios.Scenario] = []
        scenarios += KeyScenarios.all
        scenarios += RequestScenarios.all
        scenarios += RemovalScenarios.all
        var worst = 0.0
        for (name, run) in scenarios {
            let meters = try (0..<max(1, rounds)).map { _ in try run() }
            guard let best = meters.min(by: { $0.worst < $1.worst }) else { continue }
            report.add("\(name)_worst_us", best.worst / 1_000)
            report.add("\(name)_mean_ns", best.mean)
            worst = max(worst, best.worst / 1_000)
        }
        report.add("worst_us", worst)
        report.expect("worst_us", in: 0...Self.bound)
        // Twice as many keys may not cost twice as much each.
        report.expect("constant_hash_twice_mean_ns", below: "constant_hash_mean_ns", times: 1.5)
        report.note("Processor time of the calling thread per operation, the clock's own (some 200 ns) included.")
    }
}
