import BenchmarkReport
import Foundation
import Larder
import LarderSQLite
import Logging

/// Measures how many writes per second a write-behind cache acknowledges, beside an `INSERT` per write into SQLite and
/// beside Redis that syncs each write.
///
/// Prints a table, and as the last line `RESULT` and a JSON object. Exits with 1 if group commit is not ahead of both at
/// 100 writers.
@main
struct JournalBenchmark {
    static let writers = [1, 10, 100]
    static let duration = Duration.milliseconds(1_500)
    static let value = [UInt8](repeating: 7, count: 100)

    static func main() async throws {
        let rounds = ProcessInfo.processInfo.environment["ROUNDS"].flatMap { Int($0) } ?? 3
        let report = Report()
        let redis = try RedisServer()
        if redis == nil { report.note("redis-server or redis-benchmark is not installed, and was left out.") }
        // Interleaved, so that all are measured under the same weather.
        for _ in 0..<max(1, rounds) {
            for count in writers {
                report.add("writers_\(count)_ops", try await measureCache(.everyWrite, writers: count))
                report.add(
                    "interval_\(count)_ops",
                    try await measureCache(.interval(.milliseconds(100)), writers: count)
                )
                report.add("memory_only_\(count)_ops", try await measureCache(.memoryOnly, writers: count))
                report.add("sqlite_insert_\(count)_ops", try await PlainInserts.measure(writers: count))
                if let redis { report.add("redis_always_\(count)_ops", try redis.measure(writers: count)) }
            }
        }
        redis?.stop()
        report.expect("sqlite_insert_100_ops", below: "writers_100_ops")
        if redis != nil { report.expect("redis_always_100_ops", below: "writers_100_ops") }
        report.note("writers: each write on the disk when its call returns, while the drain hands them to a sink")
        exit(report.finish() ? 0 : 1)
    }

    /// A sink that takes everything at once.
    private struct Void: WriteSink {
        func write(_ writes: [SinkWrite<Int, [UInt8]>]) async throws -> [SinkResult] { writes.map { _ in .done } }
    }

    private static func measureCache(_ durability: WriteBehindPolicy.Durability, writers: Int) async throws -> Double {
        try await withTemporaryFolder { folder in
            let logger = Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
            let caches = try CacheSystem(logger: logger)
            var policy = WriteBehindPolicy()
            policy.durability = durability
            let cache = try await WriteBehindCache(
                caches.cache(CacheNamespace<Int, [UInt8]>("blobs", memory: .entries(100_000), codec: .bytes)),
                sink: Void(),
                journal: SQLiteWriteJournal(path: folder + "/writes.journal", logger: logger),
                policy: policy,
                logger: logger
            )
            let drain = Task { try await cache.run() }
            let clock = ContinuousClock()
            let start = clock.now
            let end = start + duration
            let count = try await withThrowingTaskGroup(of: Int.self) { group in
                for writer in 0..<writers {
                    group.addTask {
                        var count = 0
                        while clock.now < end {
                            try await cache.setValue(value, forKey: writer + count % 1_000 * writers)
                            count += 1
                        }
                        return count
                    }
                }
                return try await group.reduce(0, +)
            }
            let seconds = (clock.now - start) / .seconds(1)
            drain.cancel()
            _ = try? await drain.value
            return Double(count) / seconds
        }
    }
}

/// Runs a closure with a folder that is removed afterwards.
func withTemporaryFolder<Output>(_ body: (String) async throws -> Output) async throws -> Output {
    let folder = NSTemporaryDirectory() + "/larder-journal-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try await body(folder)
}
