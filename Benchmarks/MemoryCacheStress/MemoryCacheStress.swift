import BenchmarkReport
import Foundation

/// Runs the memory cache under stress, or with requests that are chosen to hurt it.
///
/// Prints a table, and as the last line `RESULT` and a JSON object; exits with 1 if a promise was broken.
@main
struct MemoryCacheStress {
    static func main() throws {
        let environment = ProcessInfo.processInfo.environment
        let report = Report()
        switch CommandLine.arguments.dropFirst().first {
        case "adversarial":
            try Adversary(rounds: environment["ROUNDS"].flatMap { Int($0) } ?? 3).measure(report)
        default:
            let minutes = environment["MINUTES"].flatMap { Double($0) } ?? 0.2
            let seed = environment["SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0..<1_000_000_000)
            try Stress(seed: seed).run(seconds: 60 * minutes, report)
        }
        exit(report.finish() ? 0 : 1)
    }
}
