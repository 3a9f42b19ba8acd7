import BenchmarkReport
import Foundation
import Larder
import LarderSQLite
import Logging

/// Measures invalidation: that its time does not depend on what it touches, what reads pay after it, and the log.
///
/// Prints a table, and as the last line `RESULT` and a JSON object. Exits with 1 if an invalidation of a million
/// entries takes more than ten times as long as one of a thousand.
@main
struct InvalidationBenchmark {
    static func main() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "larder-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let report = Report()
        try await measureSizes(report, folder)
        try await LogMeasurement(path: folder.appending(path: "measured.sqlite").path).run(report)
        exit(report.finish() ? 0 : 1)
    }

    private static func measureSizes(_ report: Report, _ folder: URL) async throws {
        let sizes = [1_000, 10_000, 100_000, 1_000_000]
        for size in sizes {
            let log = try SQLiteInvalidationLog(path: folder.appending(path: "log-\(size).sqlite").path)
            let system = try CacheSystem(log: log, logger: Logger(label: "benchmark"))
            let cache = try system.cache(
                CacheNamespace<Int, Int>.inMemory("of \(size)", policy: policy, memory: .entries(size * 2))
            )
            for key in 0..<size { _ = try await load(key, cache) }
            // The first rounds warm up what the others measure.
            for round in 0..<9 {
                let isMeasured = round > 1
                let keys = (0..<1_000).map { _ in Int.random(in: 0..<size) }
                for (name, invalidate) in [
                    ("tag", { try await cache.removeAll(tagged: "even") }),
                    ("soft_tag", { try await cache.expireAll(tagged: "odd") }),
                    ("everything_soft", { try await cache.expireAll() }),
                ] as [(String, () async throws -> Void)] {
                    let time = try await nanoseconds(invalidate)
                    if isMeasured { report.add("\(name)_us_\(size)", time / 1_000) }
                }
                for key in 0..<size { _ = try await load(key, cache, options: .forceRefresh) }
                _ = try await nanoseconds { for key in keys { _ = try await load(key, cache) } }
                let before = try await nanoseconds { for key in keys { _ = try await load(key, cache) } }
                // A tag that no entry has: once the log has been read up to it, each entry is compared one more time, and
                // is then as fast as before. Until then a record of others may stand before it.
                try await cache.removeAll(tagged: "nobody's")
                let unread = try await nanoseconds { for key in keys { _ = try await load(key, cache) } }
                try await Task.sleep(for: .milliseconds(150))
                let first = try await nanoseconds { for key in keys { _ = try await load(key, cache) } }
                let then = try await nanoseconds { for key in keys { _ = try await load(key, cache) } }
                guard isMeasured else { continue }
                report.add("hit_before_ns_\(size)", before / 1_000)
                report.add("hit_unread_ns_\(size)", unread / 1_000)
                report.add("hit_compared_ns_\(size)", first / 1_000)
                report.add("hit_after_ns_\(size)", then / 1_000)
            }
            await system.shutdown()
        }
        report.expect("tag_us_\(sizes[3])", below: "tag_us_\(sizes[0])", times: 10)
        report.expect("hit_compared_ns_\(sizes[3])", below: "hit_compared_ns_\(sizes[0])", times: 20)
    }

    private static var policy: CachePolicy {
        var policy = CachePolicy(timeToLive: .seconds(3_600))
        policy.grace = .seconds(3_600)
        return policy
    }

    private static func load(_ key: Int, _ cache: TieredCache<Int, Int>, options: ReadOptions = []) async throws -> Int?
    {
        try await cache.result(forKey: key, options: options) { key, context in
            context.tags = [key % 2 == 0 ? "even" : "odd"]
            return .value(key)
        }
        .value
    }

    private static func nanoseconds(_ body: () async throws -> Void) async rethrows -> Double {
        let start = ContinuousClock.now
        try await body()
        return (ContinuousClock.now - start) / .nanoseconds(1)
    }
}
