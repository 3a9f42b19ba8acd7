import Foundation
import Larder
import LarderTesting

/// Looks for a broken promise in simulated clusters, and sees that each fence of the protocol is needed.
///
/// `SEEDS` says how many clusters are simulated, and `SEED` from which seed on. Prints a table, and as the last line
/// `RESULT` and a JSON object; exits with 1 if a promise was broken, or if one of the fences was not missed in under
/// 1,000 seeds.
@main
struct ClusterCheck {
    private struct Result: Encodable {
        var seeds: UInt64
        var answered_reads = 0
        var violations = 0
        var fences: [String: UInt64] = [:]
    }

    private static let patience: UInt64 = 1_000

    static func main() throws {
        let environment = ProcessInfo.processInfo.environment
        let first = environment["SEED"].flatMap { UInt64($0) } ?? 0
        var result = Result(seeds: environment["SEEDS"].flatMap { UInt64($0) } ?? 1_000)
        for seed in first..<first + result.seeds {
            var cluster = ClusterSimulation(seed: seed)
            do {
                try cluster.run()
            } catch {
                result.violations += 1
                if result.violations == 1 { print(error) }
            }
            result.answered_reads += cluster.answered
        }
        print("all fences: \(result.violations) violations in \(result.seeds) seeds, \(result.answered_reads) reads")
        var isMissed = true
        for (name, fence) in Fences.all {
            let found = (0..<patience)
                .first { seed in
                    var cluster = ClusterSimulation(seed: seed, fences: .complete.subtracting(fence))
                    do { try cluster.run() } catch { return true }
                    return false
                }
            result.fences[name] = found.map { $0 + 1 }
            isMissed = isMissed && found != nil
            print("without \(name): \(found.map { "found by seed \($0)" } ?? "not found")")
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        print("RESULT \(String(decoding: try encoder.encode(result), as: UTF8.self))")
        exit(result.violations == 0 && isMissed ? 0 : 1)
    }
}
