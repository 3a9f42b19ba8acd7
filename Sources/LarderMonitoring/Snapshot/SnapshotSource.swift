import Foundation
public import Larder
import MemoryCache

/// Takes snapshots of a system.
///
/// ```swift
/// let source = SnapshotSource(of: caches, alerts: alerts, title: "shop-7")
/// let snapshot = source.snapshot(over: .fifteenMinutes)
/// ```
public final class SnapshotSource: Sendable {
    /// How many namespaces a snapshot tells of by themselves.
    public static let maximumNamespaces = 200

    /// How many of the hottest keys it has of each namespace, and of all together.
    static let hotKeysOfNamespace = 5
    static let hotKeysOfAll = 20

    let system: CacheSystem
    private let alerts: AlertMonitor?
    private let title: String
    private let start: Duration

    /// Makes a source.
    ///
    /// - Parameters:
    ///   - system: The owner of the caches.
    ///   - alerts: Where alerts come from, if there are rules.
    ///   - title: What the process calls itself, such as the service and the host.
    public init(of system: CacheSystem, alerts: AlertMonitor? = nil, title: String = "Larder") {
        self.system = system
        self.alerts = alerts
        self.title = title
        start = system.elapsed
    }

    /// Takes a snapshot.
    ///
    /// - Parameters:
    ///   - window: What counts and latencies are of.
    ///   - namespace: The namespace that the history is of; `nil` for all, and for a name that there is not.
    /// - Returns: What the caches did in the window, and how they are now.
    /// - Complexity: O(namespaces × steps of the window).
    public func snapshot(over window: StatisticsWindow, historyOf namespace: String? = nil) -> MonitoringSnapshot {
        let readings = system.readings(over: window, hotKeys: Self.hotKeysOfAll)
        let chosen = readings.filter { $0.name == namespace }
        let namespaces = readings.sorted { ($0.recent.requests, $1.name) > ($1.recent.requests, $0.name) }
            .prefix(Self.maximumNamespaces).map(SnapshotNamespace.init)
        let hottest = readings.flatMap { reading in reading.hotKeys.map { SnapshotHotKey($0, in: reading.name) } }
        return MonitoringSnapshot(
            title: title,
            time: system.wallTime,
            window: window,
            uptime: (system.elapsed - start) / .seconds(1),
            processBytes: ProcessMemory.residentBytes,
            storeBreaker: system.storeBreaker?.state.rawValue,
            total: Self.sum(readings, \.total),
            recent: Self.sum(readings, \.recent),
            latencies: SnapshotLatencies(Self.sum(readings.map(\.latencies))),
            history: history(of: chosen.isEmpty ? readings : chosen, window),
            historyOf: chosen.first?.name,
            namespaces: namespaces,
            omittedNamespaces: readings.count - namespaces.count,
            hottestKeys: Array(hottest.sorted { $0.reads > $1.reads }.prefix(Self.hotKeysOfAll)),
            alerts: alerts?.alerts ?? [],
            recentAlerts: Array((alerts?.recentAlerts ?? []).prefix(50)),
            advice: Advisor.advice(on: namespaces)
        )
    }

    private func history(of readings: [NamespaceReading], _ window: StatisticsWindow) -> [SnapshotStep] {
        let now = system.elapsed
        let newest = window.step(at: now)
        return (newest - window.steps + 1...newest)
            .compactMap { number in
                let steps = readings.compactMap { $0.steps[number] }
                guard !steps.isEmpty else { return nil }
                let begin = max(window.step * number, start)
                let end = min(window.step * (number + 1), now)
                var sum = SnapshotStep(age: (now - end) / .seconds(1), length: max(.zero, end - begin) / .seconds(1))
                for step in steps { if let statistics = step.statistics { sum.add(statistics) } }
                sum.setLatencies(Self.sum(steps.map(\.latencies)))
                return sum
            }
    }

    private static func sum(
        _ readings: [NamespaceReading],
        _ part: KeyPath<NamespaceReading, CacheStatistics>
    ) -> SnapshotCounts {
        var sum = CacheStatistics()
        for reading in readings { sum += reading[keyPath: part] }
        return SnapshotCounts(sum)
    }

    private static func sum(_ latencies: [[LatencyPhase: LatencyHistogram]]) -> [LatencyPhase: LatencyHistogram] {
        var sum: [LatencyPhase: LatencyHistogram] = [:]
        for latencies in latencies {
            for (phase, histogram) in latencies { sum[phase, default: LatencyHistogram()] += histogram }
        }
        return sum
    }
}

extension SnapshotStep {
    fileprivate mutating func add(_ statistics: CacheStatistics) {
        memoryHits += statistics.memoryHits
        storeHits += statistics.storeHits
        staleHits += statistics.staleHits
        misses += statistics.misses
        loads += statistics.loads
        failedLoads += statistics.loadFailures + statistics.abandonedLoads
        entries += statistics.entries
    }

    fileprivate mutating func setLatencies(_ histograms: [LatencyPhase: LatencyHistogram]) {
        func percentile(_ phase: LatencyPhase, _ share: Double) -> Double? {
            histograms[phase].flatMap { $0.count == 0 ? nil : $0.percentile(share) / .seconds(1) }
        }
        (storeP50, storeP99) = (percentile(.store, 0.5), percentile(.store, 0.99))
        (originP50, originP99) = (percentile(.origin, 0.5), percentile(.origin, 0.99))
    }
}

extension SnapshotHotKey {
    fileprivate init(_ key: NamespaceReading.HotKey, in namespace: String) {
        self.init(namespace: namespace, key: key.text, reads: key.reads, share: key.share)
    }
}

extension SnapshotNamespace {
    fileprivate init(_ reading: NamespaceReading) {
        name = reading.name
        settings = Settings(
            capacity: reading.capacity.limit,
            unit: reading.capacity.unitName,
            timeToLive: reading.policy.timeToLive / .seconds(1),
            grace: reading.policy.grace / .seconds(1),
            refreshesAhead: reading.policy.refreshAhead != .never,
            hasStore: reading.hasStore
        )
        total = SnapshotCounts(reading.total)
        recent = SnapshotCounts(reading.recent)
        latencies = SnapshotLatencies(reading.latencies)
        hottestKeys = reading.hotKeys.prefix(SnapshotSource.hotKeysOfNamespace)
            .map { SnapshotHotKey($0, in: reading.name) }
        curve = reading.curve.map { CurvePoint(capacity: $0.capacity, hitRatio: $0.hitRatio) }
        lifetimes = zip(LifetimeCurve.factors, reading.relativeExpirations)
            .map { LifetimePoint(factor: $0, expirations: $1) }
        findings = reading.findings.map { Finding(settings: $0.settings, message: $0.message) }
    }
}

extension MemoryCapacity {
    fileprivate var unitName: String {
        switch unit {
        case .entries: "entries"
        case .weight: "weight"
        case .bytes: "bytes"
        }
    }
}
