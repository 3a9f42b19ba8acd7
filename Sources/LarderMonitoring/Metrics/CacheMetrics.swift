public import CoreMetrics
public import Larder
import MemoryCache
public import ServiceLifecycle

/// Tells a metrics backend what the caches of a system do.
///
/// ```swift
/// let metrics = CacheMetrics(of: caches, factory: PrometheusMetricsFactory())
/// let group = ServiceGroup(services: [caches, metrics, server], logger: logger)
/// ```
///
/// The counters of the caches are read at intervals, so that a hit costs nothing more; reads of the store and loads are
/// timed one by one. See <doc:Metrics> for the names.
public final class CacheMetrics: Service, Sendable {
    private struct State {
        /// What was told of each counter.
        var counted: [String: (handler: any CounterHandler, value: Int)] = [:]
        var gauges: [String: any MeterHandler] = [:]
        var timers: [String: any TimerHandler] = [:]
        /// The namespaces that have timers of their own.
        var timed: Set<String> = []
    }

    private let system: CacheSystem
    private let factory: any MetricsFactory
    private let interval: Duration
    private let maximumNamespaces: Int
    private let state = Locked(State())

    /// Begins to measure.
    ///
    /// - Parameters:
    ///   - system: The owner of the caches.
    ///   - factory: What keeps the metrics; that of the process unless given.
    ///   - interval: How often the counters are read while ``run()`` runs, more than zero.
    ///   - maximumNamespaces: How many namespaces get series of their own, by the order of their names; the others share
    ///     those of a namespace named `other`.
    public init(
        of system: CacheSystem,
        factory: any MetricsFactory = MetricsSystem.factory,
        interval: Duration = .seconds(10),
        maximumNamespaces: Int = 200
    ) {
        self.system = system
        self.factory = factory
        self.interval = max(interval, .milliseconds(10))
        self.maximumNamespaces = max(0, maximumNamespaces)
        if let factory = factory as? PrometheusMetricsFactory { Self.describe(to: factory) }
        system.onMeasurement { [weak self] namespace, phase, duration in self?.record(namespace, phase, duration) }
    }

    private static let durations = "larder_operation_duration"
    private static let storeBreaker = "larder_store_breaker_open"

    private static func describe(to factory: PrometheusMetricsFactory) {
        for metric in CacheMetric.all { factory.describe(metric.label, as: metric.help) }
        factory.describe(durations + "_seconds", as: "How long reads of the store and loads took.")
        factory.describe(
            storeBreaker,
            as: "Whether the breaker before the store refuses calls; a half while it probes."
        )
    }

    /// Reads the counters at intervals until the task is cancelled or the service group stops.
    public func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            repeat { sample() } while (try? await system.sleep(for: interval)) != nil
        }
        sample()
    }

    /// Reads the counters now: for a scrape that shall see what is, and not what was an interval ago.
    ///
    /// - Complexity: O(namespaces).
    public func sample() {
        var all: [(name: String, statistics: CacheStatistics)] = []
        for (name, statistics) in system.statistics.sorted(by: { $0.key < $1.key }) {
            if all.count < maximumNamespaces {
                all.append((name, statistics))
            } else if all.last?.name == "other" {
                all[all.count - 1].statistics += statistics
            } else {
                all.append(("other", statistics))
            }
        }
        state.withLock { state in
            for (name, statistics) in all {
                for metric in CacheMetric.all {
                    for (label, value) in metric.values(statistics) {
                        tell(&state, metric, [("namespace", name)] + (label.map { [$0] } ?? []), value)
                    }
                }
            }
            if let breaker = system.storeBreaker {
                gauge(&state, Self.storeBreaker, []).set(breaker.state.openness)
            }
        }
    }

    private func tell(_ state: inout State, _ metric: CacheMetric, _ labels: [(String, String)], _ value: Double) {
        guard metric.kind == .counter else { return gauge(&state, metric.label, labels).set(value) }
        let key = Self.key(metric.label, labels)
        var counted = state.counted[key] ?? (factory.makeCounter(label: metric.label, dimensions: labels), 0)
        let value = Int(value)
        if value > counted.value { counted.handler.increment(by: Int64(value - counted.value)) }
        counted.value = max(counted.value, value)
        state.counted[key] = counted
    }

    private func gauge(_ state: inout State, _ label: String, _ labels: [(String, String)]) -> any MeterHandler {
        let key = Self.key(label, labels)
        if let known = state.gauges[key] { return known }
        let made = factory.makeMeter(label: label, dimensions: labels)
        state.gauges[key] = made
        return made
    }

    private func record(_ namespace: String, _ phase: LatencyPhase, _ duration: Duration) {
        guard phase != .staleAge else { return }
        let timer = state.withLock { state in
            if state.timed.count < maximumNamespaces { state.timed.insert(namespace) }
            let name = state.timed.contains(namespace) ? namespace : "other"
            let key = name + phase.rawValue
            if let timer = state.timers[key] { return timer }
            let labels = [("namespace", name), ("operation", phase == .store ? "store_read" : "load")]
            let timer = factory.makeTimer(label: Self.durations, dimensions: labels)
            state.timers[key] = timer
            return timer
        }
        timer.recordNanoseconds(duration.wholeNanoseconds)
    }

    private static func key(_ label: String, _ labels: [(String, String)]) -> String {
        labels.reduce(label) { $0 + "\u{0}" + $1.1 }
    }
}
