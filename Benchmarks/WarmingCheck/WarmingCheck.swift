import BenchmarkReport
import Foundation
import Larder
import LarderTesting
import MemoryCache

/// Warms many keys from an origin that takes 5 ms and allows 200 calls a second, once while all goes well and once while
/// each third call fails, on a clock on which minutes pass in seconds.
///
/// Prints the progress, a table, and as the last line `RESULT` and a JSON object. Exits with 1 if the rate was exceeded, or
/// the readiness gate not reached.
@main
struct WarmingCheck {
    private static let keys = Int(ProcessInfo.processInfo.environment["KEYS"] ?? "") ?? 100_000
    private static let rate = 200

    static func main() async throws {
        let report = Report()
        report.add("keys", Double(keys))
        try await check("", report) { _ in false }
        try await check("failing_", report) { $0 % 3 == 0 }
        exit(report.finish() ? 0 : 1)
    }

    private static func check(_ name: String, _ report: Report, fails: @escaping @Sendable (Int) -> Bool) async throws {
        struct Down: Error {}
        let clock = ManualClock()
        let starts = Locked<[Duration]>([])
        let system = try CacheSystem(clock: clock)
        let cache = try system.cache(
            CacheNamespace<Int, Int>
                .inMemory(
                    "numbers",
                    policy: CachePolicy(timeToLive: .seconds(86_400), loadDeadline: CachePolicy.maximumDuration),
                    memory: .entries(2 * keys)
                )
        ) { key in
            let number = starts.withLock { starts in
                starts.append(clock.now.offset)
                return starts.count
            }
            try await clock.sleep(until: clock.now.advanced(by: .milliseconds(5)))
            if fails(number) { throw Down() }
            return key
        }
        let rules = WarmingRules(loadsPerSecond: Double(rate), maximumConcurrentLoads: 2, attempts: 30)
        let keys = Self.keys
        let warmer = try Warmer(of: system, tasks: [WarmingTask("numbers", of: cache, rules: rules) { 0..<keys }])
        let gate = Task {
            let isWarm = await warmer.waitUntilWarm(fraction: 0.9, deadline: .seconds(86_400))
            return (isWarm, clock.now.offset)
        }
        let run = Task { try await warmer.run() }
        var nextLine = Duration.zero
        await clock.pass(longestStep: .milliseconds(5)) {
            guard let progress = warmer.statistics["numbers"]?.newest else { return false }
            if clock.now.offset >= nextLine {
                print(progress)
                nextLine += .seconds(60)
            }
            return progress.isFinished
        }
        let (isWarm, opened) = await gate.value
        run.cancel()
        _ = await run.result
        let times = starts.withLock { $0 }
        report.expect("\(name)gate_reached", isWarm ? 1 : 0, toBe: 1)
        report.add("\(name)gate_seconds", opened / .seconds(1))
        report.add("\(name)seconds", clock.now.offset / .seconds(1))
        report.add("\(name)calls_per_second", Double(times.count) / (clock.now.offset / .seconds(1)))
        report.add("\(name)most_calls_in_a_second", Double(mostInASecond(times)))
        report.expect("\(name)most_calls_in_a_second", in: 0...Double(rate))
        report.add("\(name)calls", Double(times.count))
        report.expect("\(name)failed_keys", Double(warmer.statistics["numbers"]?.newest.failed ?? -1), toBe: 0)
    }

    /// The most calls that started in any second, wherever it begins.
    private static func mostInASecond(_ times: [Duration]) -> Int {
        var (most, first) = (0, 0)
        for (index, time) in times.enumerated() {
            while time - times[first] >= .seconds(1) { first += 1 }
            most = max(most, index - first + 1)
        }
        return most
    }
}
