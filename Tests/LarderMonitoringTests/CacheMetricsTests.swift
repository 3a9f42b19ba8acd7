import Foundation
import Larder
import LarderTesting
import Testing

@testable import LarderMonitoring

@Suite(.timeLimit(.minutes(10))) struct CacheMetricsTests {
    private struct Down: Error {}

    private let clock = ManualClock()
    private let factory = PrometheusMetricsFactory()

    /// The value of a series.
    private func value(_ series: String) -> Double? {
        factory.text(.prometheus).split(separator: "\n").first { $0.hasPrefix(series + " ") }
            .flatMap { Double($0.dropFirst(series.count + 1)) }
    }

    @Test("the metrics are the counters, however often these are sampled")
    func counters() async throws {
        let system = try CacheSystem(store: DictionaryStore(clock: clock), clock: clock)
        var namespace = CacheNamespace<Int, String>("users")
        namespace.breaker = try CircuitBreaker("origin", clock: clock)
        let cache = try system.cache(namespace)
        let metrics = CacheMetrics(of: system, factory: factory)
        for round in 0..<3 {
            for key in 0..<5 { _ = try await cache.value(forKey: key) { "\($0)" } }
            _ = try? await cache.value(forKey: 100 + round) { _ in throw Down() }
            metrics.sample()
            metrics.sample()
        }
        #expect(value(#"larder_reads_total{namespace="users",result="memory_hit"}"#) == 10)
        #expect(value(#"larder_reads_total{namespace="users",result="miss"}"#) == 8)
        #expect(value(#"larder_misses_total{namespace="users",reason="cold"}"#) == 8)
        #expect(value(#"larder_loads_total{namespace="users"}"#) == 8)
        #expect(value(#"larder_load_failures_total{kind="error",namespace="users"}"#) == 3)
        #expect(value(#"larder_memory_entries{namespace="users"}"#) == 5)
        #expect(value(#"larder_breaker_open{namespace="users"}"#) == 0)
        #expect(value("larder_store_breaker_open") == 0)
        #expect(value(#"larder_log_lag_seconds{namespace="users"}"#) == nil)
        #expect(value(#"larder_operation_duration_seconds_count{namespace="users",operation="load"}"#) == 8)
        #expect(value(#"larder_operation_duration_seconds_count{namespace="users",operation="store_read"}"#) == 8)
    }

    @Test("what was loaded ahead is told where there is a preloader, and only there")
    func preloads() throws {
        let system = try CacheSystem(clock: clock)
        let cache = try system.cache(CacheNamespace<Int, String>("users")) { "\($0)" }
        _ = try system.cache(CacheNamespace<Int, String>("pages"))
        let preloader = try Preloader(of: cache)
        CacheMetrics(of: system, factory: factory).sample()
        #expect(preloader.statistics.loads == 0)
        #expect(value(#"larder_preloads_total{namespace="users",result="used"}"#) == 0)
        #expect(value(#"larder_predictor_on{namespace="users",predictor="arrival"}"#) == 0)
        #expect(value(#"larder_predictor_precision{namespace="users",predictor="succession"}"#) == 0)
        #expect(value(#"larder_preload_recall{namespace="users"}"#) == 0)
        #expect(value(#"larder_preloads_total{namespace="pages",result="used"}"#) == nil)
    }

    @Test("Prometheus finds nothing to complain of", .enabled(if: Promtool.executable != nil))
    func promtool() async throws {
        let system = try CacheSystem(store: DictionaryStore(clock: clock), clock: clock)
        for name in ["users", "a \"name\" with\\\n odd characters"] {
            let cache = try system.cache(CacheNamespace<Int, String>(name))
            _ = try await cache.value(forKey: 1) { "\($0)" }
        }
        CacheMetrics(of: system, factory: factory).sample()
        #expect(try await Promtool.complaints("check", "metrics", input: factory.text(.prometheus)).isEmpty)
    }

    @Test("namespaces beyond the limit share the series of one named other")
    func cardinality() async throws {
        let system = try CacheSystem(clock: clock)
        let metrics = CacheMetrics(of: system, factory: factory, maximumNamespaces: 3)
        for number in 0..<10 {
            let cache = try system.cache(CacheNamespace<Int, Int>.inMemory("n\(number)"))
            _ = try await cache.value(forKey: 1) { $0 }
        }
        metrics.sample()
        #expect(value(#"larder_loads_total{namespace="n2"}"#) == 1)
        #expect(value(#"larder_loads_total{namespace="n3"}"#) == nil)
        #expect(value(#"larder_loads_total{namespace="other"}"#) == 7)
        #expect(value(#"larder_operation_duration_seconds_count{namespace="other",operation="load"}"#) == 7)
    }

    @Test("while it runs it samples at its interval, and once more at the end")
    func service() async throws {
        let system = try CacheSystem(clock: clock)
        let cache = try system.cache(CacheNamespace<Int, Int>.inMemory("users"))
        let metrics = CacheMetrics(of: system, factory: factory, interval: .seconds(10))
        let run = Task { try await metrics.run() }
        await clock.waitForSleepers()
        _ = try await cache.value(forKey: 1) { $0 }
        #expect(value(#"larder_loads_total{namespace="users"}"#) == 0)
        clock.advance(by: .seconds(10))
        await clock.waitForSleepers()
        #expect(value(#"larder_loads_total{namespace="users"}"#) == 1)
        _ = try await cache.value(forKey: 2) { $0 }
        run.cancel()
        _ = await run.result
        #expect(value(#"larder_loads_total{namespace="users"}"#) == 2)
    }
}
