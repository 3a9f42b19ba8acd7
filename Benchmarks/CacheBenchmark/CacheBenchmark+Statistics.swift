import BenchmarkReport
import Larder
import LarderMonitoring
import Logging

extension CacheBenchmark {
    /// Measures a hit with all that is monitored, and one with counters alone, in turns.
    static func measureStatistics(_ report: Report, _ logger: Logger) async throws {
        let count = 100_000
        func cache(_ rules: MonitoringRules) async throws -> TieredCache<Int, Int> {
            var configuration = CacheSystem.Configuration()
            configuration.monitoring = rules
            let cache = try CacheSystem(configuration: configuration, logger: logger)
                .cache(CacheNamespace<Int, Int>.inMemory("numbers", memory: .entries(count)))
            for key in 0..<count { try await cache.setValue(key, forKey: key) }
            return cache
        }
        let (full, bare) = (try await cache(MonitoringRules()), try await cache(.countersOnly))
        let keys = Keys(among: count)
        for round in 0..<16 {
            let first = try await hit(keys, round % 2 == 0 ? full : bare)
            let second = try await hit(keys, round % 2 == 0 ? bare : full)
            let (with, without) = round % 2 == 0 ? (first, second) : (second, first)
            // The first rounds are those in which the share of reads that is looked at finds its size.
            guard round >= 5 else { continue }
            report.add("hit_with_statistics_ns", with)
            report.add("hit_with_counters_ns", without)
            report.add("statistics_cost_ns", with - without)
        }
        report.expect("statistics_cost_ns", in: -100...5)
        try await measureScrape(report, logger)
    }

    /// Measures what a scrape of the metrics of 100 namespaces takes, the counters read and the text written.
    private static func measureScrape(_ report: Report, _ logger: Logger) async throws {
        let system = try CacheSystem(logger: logger)
        let factory = PrometheusMetricsFactory()
        let metrics = CacheMetrics(of: system, factory: factory)
        for number in 0..<100 {
            let cache = try system.cache(CacheNamespace<Int, Int>.inMemory("namespace \(number)"))
            for key in 0..<100 { _ = try await cache.value(forKey: key % 50) { $0 } }
        }
        for _ in 0..<9 {
            let start = ContinuousClock.now
            metrics.sample()
            report.keep(factory.text(.openMetrics).utf8.count)
            report.add("scrape_100_namespaces_ms", start.duration(to: .now) / .milliseconds(1))
        }
        report.expect("scrape_100_namespaces_ms", in: 0...50)
    }
}
