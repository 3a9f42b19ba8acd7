import Foundation
import RedisFaultScenarios

/// Lets servers fail under load in several ways, and counts what callers notice.
///
/// `CALM` says for how many seconds all goes well before and after each fault, and `ONLY` the beginning of the names of
/// the scenarios. Prints a table, and as the last line `RESULT` and a JSON object; exits with 1 if a read failed.
@main
struct RedisFaults {
    private struct Result: Encodable {
        struct Scenario: Encodable {
            var reads: Int
            var failed_reads: Int
            var calls: Int
            var failed_calls: Int
            var recovery_ms: Double
            var p99_ms: Double
        }

        var scenarios: [String: Scenario] = [:]
    }

    static func main() async throws {
        let environment = ProcessInfo.processInfo.environment
        let load = FaultLoad(calm: .seconds(environment["CALM"].flatMap { Double($0) } ?? 2))
        let only = environment["ONLY"] ?? ""
        var result = Result()
        print(line(["scenario", "reads", "failed", "calls", "failed", "recovery ms", "p99 ms"]))
        for scenario in FaultScenario.all where scenario.name.hasPrefix(only) {
            let outcome = try await scenario.run(load)
            let row = Result.Scenario(
                reads: outcome.reads,
                failed_reads: outcome.failedReads,
                calls: outcome.calls,
                failed_calls: outcome.failedCalls,
                recovery_ms: milliseconds(outcome.recovery),
                p99_ms: milliseconds(outcome.slowest)
            )
            result.scenarios[scenario.name] = row
            let counts = [row.reads, row.failed_reads, row.calls, row.failed_calls].map { "\($0)" }
            print(line([scenario.name] + counts + ["\(row.recovery_ms)", "\(row.p99_ms)"]))
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        print("RESULT \(String(decoding: try encoder.encode(result), as: UTF8.self))")
        exit(result.scenarios.values.allSatisfy { $0.failed_reads == 0 } ? 0 : 1)
    }

    private static func milliseconds(_ duration: Duration) -> Double {
        (duration / .milliseconds(1) * 10).rounded() / 10
    }

    private static func line(_ cells: [String]) -> String {
        cells.enumerated()
            .map { $1.padding(toLength: $0 == 0 ? 32 : 12, withPad: " ", startingAt: 0) }
            .joined()
    }
}
