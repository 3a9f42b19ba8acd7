import BenchmarkReport
import CacheSimulation
import Foundation
import Larder

/// Compares the miss-ratio curve that is told from a sample with the one of a real least-recently-used cache, over traces.
///
/// Takes the files of traces as arguments. Prints the mean errors over 20 capacities in equal steps, and over 20 in equal
/// ratios, and exits with 1 if the former is above a percent for one trace.
@main
struct CurveCheck {
    static func main() throws {
        let report = Report()
        for path in CommandLine.arguments.dropFirst() {
            let url = URL(filePath: path)
            let name = url.lastPathComponent.split(separator: ".").first.map(String.init) ?? path
            try check(try TraceFile(url).read(), name, report)
        }
        exit(report.finish() ? 0 : 1)
    }

    private static func check(_ trace: Trace, _ name: String, _ report: Report) throws {
        var curve = MissRatioCurve()
        let start = ContinuousClock.now
        for key in trace.keys { curve.record(hash(key)) }
        let taken = start.duration(to: .now)
        let simulation = Simulation(of: trace, for: [.lru])
        let distinct = Double(trace.distinctKeyCount())
        func errors(_ capacities: [Double]) -> [Double] {
            capacities.map { capacity in
                let capacity = max(1, Int(capacity))
                let exact = 1 - simulation.run(.lru, capacity: capacity).hitRatio
                return abs(curve.missRatio(atCapacity: capacity) - exact) * 100
            }
        }
        let all = errors((1...20).map { distinct * Double($0) / 20 })
        report.add("\(name)_error_percent", all.reduce(0, +) / Double(all.count))
        report.expect("\(name)_error_percent", in: 0...1)
        // From a thousandth of the keys to all of them, in equal ratios, so that most capacities are small.
        let small = errors((0..<20).map { distinct * pow(10, -3 + 3 * Double($0) / 19) })
        report.add("\(name)_small_error_percent", small.reduce(0, +) / Double(small.count))
        report.add("\(name)_record_ns", taken / .nanoseconds(1) / Double(trace.keys.count))
    }

    /// The finalizer of SplitMix64.
    private static func hash(_ key: UInt64) -> UInt64 {
        var hash = key &+ 0x9E37_79B9_7F4A_7C15
        hash = (hash ^ hash >> 30) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ hash >> 27) &* 0x94D0_49BB_1331_11EB
        return hash ^ hash >> 31
    }
}
