import BenchmarkReport
import CAllocationCounter
import Foundation
import Larder
import LarderTesting

/// Measures what all monitoring holds in memory after a day with a million keys: the same requests go to a system that
/// monitors and to one that only counts, on a clock that a day of passes in seconds.
///
/// Prints a table, and as the last line `RESULT` and a JSON object. Exits with 1 if it is 8 MiB or more.
@main
struct MonitoringCheck {
    private static let keys = Int(ProcessInfo.processInfo.environment["KEYS"] ?? "") ?? 1_000_000
    private static let namespaces = 4

    static func main() async throws {
        let report = Report()
        guard allocation_counter_works() == 1 else {
            print("The C library does not tell how much memory is in use.")
            exit(1)
        }
        let counting = try await measure(.countersOnly)
        let monitoring = try await measure(MonitoringRules())
        report.add("keys", Double(keys))
        report.add("simulated_hours", 24)
        report.add("requests", Double(monitoring.requests))
        report.add("monitoring_mib", (monitoring.bytes - counting.bytes) / 1_048_576)
        report.expect("monitoring_mib", in: 0.1...8)
        report.add("request_us_counting", counting.microseconds)
        report.add("request_us_monitoring", monitoring.microseconds)
        exit(report.finish() ? 0 : 1)
    }

    /// The bytes that a system holds after a day, and the time that a request took on the average.
    private static func measure(
        _ rules: MonitoringRules
    ) async throws -> (bytes: Double, microseconds: Double, requests: Int) {
        let before = allocation_counter_bytes_in_use()
        let clock = ManualClock()
        var configuration = CacheSystem.Configuration()
        configuration.monitoring = rules
        let system = try CacheSystem(store: DictionaryStore(clock: clock), configuration: configuration, clock: clock)
        let policy = CachePolicy(timeToLive: .seconds(300), grace: .seconds(300), softTimeout: .zero)
        let caches = try (0..<namespaces)
            .map { number in
                // One with the store, so that its latencies are measured too, and the others in memory alone.
                try number == 0
                    ? system.cache(CacheNamespace<String, Int>("stored", policy: policy, memory: .entries(1_000)))
                    : system.cache(
                        CacheNamespace<String, Int>
                            .inMemory("memory \(number)", policy: policy, memory: .entries(1_000))
                    )
            }
        let run = Task { try await system.run() }
        let step = Duration.seconds(86_400) / keys
        let start = ContinuousClock.now
        for number in 0..<keys {
            // Each key once, and one of the few hundred newest again, some of which have expired.
            let (cache, old) = (
                caches[number % namespaces], number - 4 * Int.random(in: 1...(number % 97 == 0 ? 2_000 : 200))
            )
            _ = try await cache.value(forKey: "a key of a user \(number)") { _ in number }
            if old >= 0 { _ = try await cache.value(forKey: "a key of a user \(old)") { _ in old } }
            clock.advance(by: step)
            if number % 200 == 0 { _ = system.statistics(over: .oneMinute) }
        }
        let requests = system.statistics.values.reduce(0) { $0 + $1.requests }
        let taken = start.duration(to: .now) / .microseconds(1) / Double(requests)
        for cache in caches {
            guard rules.measures else { continue }
            let hours = cache.latencies(of: .origin, over: .oneDay)
            guard hours.count > 0, !cache.hottestKeys(1).isEmpty else { throw CancellationError() }
        }
        let bytes = Double(allocation_counter_bytes_in_use()) - Double(before)
        run.cancel()
        _ = await run.result
        return withExtendedLifetime((system, caches)) { (bytes, taken, requests) }
    }
}
