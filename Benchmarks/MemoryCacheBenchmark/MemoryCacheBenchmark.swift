import BenchmarkReport
import Foundation
import MemoryCache

/// Measures the memory cache beside a dictionary and Foundation's cache.
///
/// Prints a table, and as the last line `RESULT` and a JSON object. Figures that are compared are measured in turn,
/// round after round, so that all have the same weather, and reported as medians.
@main
struct MemoryCacheBenchmark {
    static func main() throws {
        if let kind = CommandLine.arguments.dropFirst().first {
            guard let measure = Memory.kinds[kind] else { exit(1) }
            print(try measure())
            return
        }
        let rounds = ProcessInfo.processInfo.environment["ROUNDS"].flatMap { Int($0) } ?? 7
        let report = Report()
        for (kind, _) in Memory.kinds.sorted(by: { $0.key < $1.key }) {
            report.add(kind, try Memory.measureInNewProcess(kind))
        }
        try IntegerHits().measure(rounds: rounds, report)
        try StringHits().measure(rounds: rounds, report)
        try Writes().measure(rounds: rounds, report)
        report.note("2t figures depend on cache_line_transfer_ns, which the host decides; compare those of one run.")
        report.expect("overhead_bytes_int", in: 0...36)
        for name in ["budget_growth_int", "budget_growth_blob", "budget_growth_expiring"] {
            report.expect(name, in: 0.9...1.1)
        }
        exit(report.finish() ? 0 : 1)
    }

    static let count = 100_000
    static let length = 1_000_000
}

/// Reads that all hit, of integers.
struct IntegerHits {
    let requests = [1, 2]
        .map { Requests(among: MemoryCacheBenchmark.count, length: MemoryCacheBenchmark.length, seed: $0) }
        .map(\.keys)

    func measure(rounds: Int, _ report: Report) throws {
        let count = MemoryCacheBenchmark.count
        let cache = try MemoryCache<Int, Int>(capacity: .entries(count))
        for key in 0..<count { cache.setValue(key, forKey: key) }
        let dictionary = Dictionary(uniqueKeysWithValues: (0..<count).map { ($0, $0) })
        let locked = LockedDictionary(dictionary)
        let boxed = BoxedCache(count: count)
        for _ in 0..<rounds {
            report.add("cache_line_transfer_ns", Stopwatch.cacheLineTransfer())
            report.add("dictionary_int_ns", Stopwatch.nanoseconds(requests[0]) { dictionary[$0] ?? 0 })
            report.add("dictionary_lock_int_ns", Stopwatch.nanoseconds(requests[0]) { locked.value(forKey: $0) ?? 0 })
            let hit = Stopwatch.nanoseconds(requests[0]) { cache.value(forKey: $0) ?? 0 }
            report.add("int_hit_ns_1t", hit)
            report.add("int_hit_cpu_mops_1t", 1_000 / hit)
            report.add(
                "int_hit_mops_1t",
                Stopwatch.millionsPerSecond([requests[0]]) { cache.value(forKey: $0) ?? 0 }
            )
            report.add("int_hit_mops_2t", Stopwatch.millionsPerSecond(requests) { cache.value(forKey: $0) ?? 0 })
            report.add(
                "dictionary_lock_int_mops_2t",
                Stopwatch.millionsPerSecond(requests) { locked.value(forKey: $0) ?? 0 }
            )
            report.add("nscache_int_ns", Stopwatch.nanoseconds(requests[0]) { boxed.value(forKey: $0) ?? 0 })
        }
        try Caffeine.measure(requests[0], report)
        report.expect("int_hit_ns_1t", below: "dictionary_lock_int_ns")
        report.expect("caffeine_int_mops_1t", below: "int_hit_mops_1t", times: 1.0 / 3)
        measureTail(cache, report)
    }

    /// The slowest reads, each timed on its own, the clock's own time included.
    private func measureTail(_ cache: MemoryCache<Int, Int>, _ report: Report) {
        var times: [Double] = []
        times.reserveCapacity(requests[0].count)
        var sum = 0
        for key in requests[0] {
            let start = Stopwatch.time(CLOCK_MONOTONIC)
            sum &+= cache.value(forKey: key) ?? 0
            times.append(Stopwatch.time(CLOCK_MONOTONIC) - start)
        }
        times.sort()
        withExtendedLifetime(sum) {
            report.add("get_p50_ns", times[times.count / 2])
            report.add("get_p99_ns", times[times.count * 99 / 100])
            report.add("get_p999_ns", times[times.count * 999 / 1_000])
        }
    }
}

/// Reads that all hit, of strings of 20 bytes.
struct StringHits {
    func measure(rounds: Int, _ report: Report) throws {
        let count = MemoryCacheBenchmark.count
        let requests = [3, 4].map { Requests(among: count, length: MemoryCacheBenchmark.length, seed: $0) }.map(\.keys)
        let stored = (0..<count).map { Memory.key($0) }
        // Others than the stored ones, as a caller would make them.
        let asked = (0..<count).map { Memory.key($0) }
        let cache = try MemoryCache<String, String>(capacity: .entries(count))
        for key in stored { cache.setValue(key, forKey: key) }
        let dictionary = Dictionary(uniqueKeysWithValues: stored.map { ($0, $0) })
        for _ in 0..<rounds {
            report.add(
                "dictionary_string_ns",
                Stopwatch.nanoseconds(requests[0]) { dictionary[asked[$0]]?.utf8.count ?? 0 }
            )
            report.add(
                "string_hit_ns_1t",
                Stopwatch.nanoseconds(requests[0]) { cache.value(forKey: asked[$0])?.utf8.count ?? 0 }
            )
            report.add(
                "string_borrow_ns_1t",
                Stopwatch.nanoseconds(requests[0]) { cache.withValue(forKey: asked[$0]) { $0.utf8.count } ?? 0 }
            )
            report.add(
                "string_hit_mops_2t",
                Stopwatch.millionsPerSecond(requests) { cache.value(forKey: asked[$0])?.utf8.count ?? 0 }
            )
        }
        report.expect("string_hit_ns_1t", below: "dictionary_string_ns")
    }
}

/// Reads mixed with writes, and writes that evict.
struct Writes {
    func measure(rounds: Int, _ report: Report) throws {
        let count = MemoryCacheBenchmark.count
        let requests = [5, 6].map { Requests(among: count, length: MemoryCacheBenchmark.length, seed: $0) }.map(\.keys)
        let cache = try MemoryCache<Int, Int>(capacity: .entries(count))
        for key in 0..<count { cache.setValue(key, forKey: key) }
        let full = try MemoryCache<Int, Int>(capacity: .entries(count))
        // Ten times as many keys as there is room for, all equally likely.
        let rare = [7, 8]
            .map { seed in
                (0..<MemoryCacheBenchmark.length / 2).map { ($0 &* 2_654_435_761 &+ seed &* 77_777) % (10 * count) }
            }
        for key in 0..<(2 * count) { full.setValue(key, forKey: key) }
        for _ in 0..<rounds {
            report.add("mixed_mops_1t", Stopwatch.millionsPerSecond([requests[0]]) { Self.mixed(cache, $0) })
            report.add("mixed_mops_2t", Stopwatch.millionsPerSecond(requests) { Self.mixed(cache, $0) })
            report.add(
                "evict_write_mops_1t",
                Stopwatch.millionsPerSecond([rare[0]]) { full.setValue($0, forKey: $0) ? 1 : 0 }
            )
            report.add(
                "evict_write_mops_2t",
                Stopwatch.millionsPerSecond(rare) { full.setValue($0, forKey: $0) ? 1 : 0 }
            )
        }
    }

    /// Three reads to one write.
    @inline(__always)
    private static func mixed(_ cache: MemoryCache<Int, Int>, _ key: Int) -> Int {
        if key & 3 == 0 {
            cache.setValue(key, forKey: key)
            return 0
        }
        return cache.value(forKey: key) ?? 0
    }
}
