import BenchmarkReport
import CAllocationCounter
import Foundation
import Larder
import LarderSQLite
import Logging
import MemoryCache

/// Measures the calls of a cache.
///
/// Prints a table, and as the last line `RESULT` and a JSON object.
///
/// Exits with 1 if a hit allocated or suspended, if statistics cost a hit more than 5 ns, or a stampede caused more than one load.
@main
struct CacheBenchmark {
    static func main() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "larder-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let logger = Logger(label: "benchmark")
        let store = try SQLiteStore(path: folder.appending(path: "cache.sqlite").path, logger: logger)
        let report = Report()

        try await measureHits(report, logger)
        try await measureStatistics(report, logger)
        try await measureAccess(report, logger)
        try await measureStore(report, store, logger)
        try await measureStampede(report, logger)
        await store.shutdown()

        exit(report.finish() ? 0 : 1)
    }

    // MARK: Hits in memory

    private static func measureHits(_ report: Report, _ logger: Logger) async throws {
        let count = 100_000
        let cache = try CacheSystem(logger: logger)
            .cache(
                CacheNamespace<Int, Int>.inMemory("numbers", memory: .entries(count))
            )
        for key in 0..<count { try await cache.setValue(key, forKey: key) }
        let memory = try MemoryCache<Int, Int>(capacity: .entries(count))
        for key in 0..<count { memory.setValue(key, forKey: key, timeToLive: .seconds(3_600)) }
        let names = (0..<count).map { "a key of 20 bytes \($0)" }
        let texts = try CacheSystem(logger: logger)
            .cache(
                CacheNamespace<String, String>.inMemory("texts", memory: .entries(count))
            )
        for name in names { try await texts.setValue(name, forKey: name) }
        let keys = Keys(among: count)

        let large = try MemoryCache<Int, EntrySized>(capacity: .entries(count))
        for key in 0..<count { large.setValue(EntrySized(number: key), forKey: key, timeToLive: .seconds(3_600)) }

        // Interleaved, so that all are measured under the same weather.
        for _ in 0..<7 {
            report.add("memory_hit_ns", hit(keys, memory))
            report.add("memory_hit_of_entry_size_ns", hit(keys, large))
            report.add("cached_value_ns", cachedValue(keys, cache))
            report.add("l1_hit_ns", try await hit(keys, cache))
            report.add("l1_hit_string_ns", try await hit(keys, texts, names))
        }

        let executor = CountingExecutor()
        try await withTaskExecutorPreference(executor) {
            let jobs = executor.jobs
            let allocations = allocation_counter_read()
            var sum = 0
            for key in keys.sequence { sum &+= try await cache.value(forKey: key) { key in key } }
            for key in keys.sequence { sum &+= cache.cachedValue(forKey: key) ?? 0 }
            for key in keys.sequence { sum &+= try await texts.value(forKey: names[key]) { key in key }.utf8.count }
            report.keep(sum)
            if allocation_counter_works() == 1 {
                report.expect("l1_hit_allocations", Double(allocation_counter_read() - allocations), toBe: 0)
            }
            report.expect("l1_hit_suspensions", Double(executor.jobs - jobs), toBe: 0)
        }
    }

    /// A number in a value of the size of what a cache keeps for one in memory.
    private struct EntrySized {
        var number: Int
        var rest = (0, 0, 0, 0, 0, 0)
    }

    // Each loop in a function of its own, as callers have it: in a very long one the compiler inlines no more.

    @inline(never)
    private static func hit(_ keys: Keys, _ memory: MemoryCache<Int, Int>) -> Double {
        keys.nanoseconds { memory.value(forKey: $0) ?? 0 }
    }

    @inline(never)
    private static func hit(_ keys: Keys, _ memory: MemoryCache<Int, EntrySized>) -> Double {
        keys.nanoseconds { memory.withValue(forKey: $0) { $0.number } ?? 0 }
    }

    @inline(never)
    private static func cachedValue(_ keys: Keys, _ cache: TieredCache<Int, Int>) -> Double {
        keys.nanoseconds { cache.cachedValue(forKey: $0) ?? 0 }
    }

    @inline(never)
    static func hit(_ keys: Keys, _ cache: TieredCache<Int, Int>) async throws -> Double {
        try await keys.awaitedNanoseconds { keys in
            var sum = 0
            for key in keys { sum &+= try await cache.value(forKey: key) { key in key } }
            return sum
        }
    }

    @inline(never)
    private static func hit(
        _ keys: Keys,
        _ texts: TieredCache<String, String>,
        _ names: [String]
    ) async throws -> Double {
        try await keys.awaitedNanoseconds { keys in
            var sum = 0
            for key in keys { sum &+= try await texts.value(forKey: names[key]) { key in key }.utf8.count }
            return sum
        }
    }

    // MARK: Hits in the store, and misses

    private static func measureStore(_ report: Report, _ store: SQLiteStore, _ logger: Logger) async throws {
        let count = 10_000
        let value = [UInt8](repeating: 7, count: 100)
        let namespace = CacheNamespace<Int, [UInt8]>(
            "blobs",
            policy: CachePolicy(timeToLive: .seconds(3_600)),
            memory: .entries(1),
            codec: .bytes
        )
        let cache = try CacheSystem(store: store, logger: logger).cache(namespace)
        try await cache.setValues(Dictionary(uniqueKeysWithValues: (0..<count).map { ($0, value) }))
        let unstored = try CacheSystem(logger: logger)
            .cache(
                CacheNamespace<Int, Int>.inMemory("unstored", policy: CachePolicy(timeToLive: .zero))
            )
        let keys = Keys(among: count, length: 20_000)
        for _ in 0..<5 {
            report.add(
                "l2_sqlite_hit_us",
                try await keys.awaitedNanoseconds { keys in
                    var sum = 0
                    for key in keys { sum &+= try await cache.value(forKey: key) { _ in [] }.count }
                    return sum
                } / 1_000
            )
            report.add(
                "miss_us",
                try await keys.awaitedNanoseconds { keys in
                    var sum = 0
                    for key in keys { sum &+= try await unstored.value(forKey: key) { key in key } }
                    return sum
                } / 1_000
            )
        }
        report.expect("l2_misses", Double(cache.statistics.misses), toBe: 0)
    }

    // MARK: Stampede

    private static func measureStampede(_ report: Report, _ logger: Logger) async throws {
        let cache = try CacheSystem(logger: logger).cache(CacheNamespace<Int, Int>.inMemory("stampede"))
        try await withThrowingTaskGroup { group in
            for _ in 0..<1_000 {
                group.addTask {
                    _ = try await cache.value(forKey: 1) { key in
                        try await Task.sleep(for: .milliseconds(200))
                        return key
                    }
                }
            }
            try await group.waitForAll()
        }
        report.expect("stampede_loads", Double(cache.statistics.loads), toBe: 1)
    }
}
