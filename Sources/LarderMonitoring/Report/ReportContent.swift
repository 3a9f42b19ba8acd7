import Foundation
import Larder

/// What a report says, apart from the form in which it says it.
///
/// All texts are as they were found; each form escapes them in its way.
struct ReportContent {
    struct Table {
        var head: [String]
        var rows: [[String]]
        /// What stands there instead of no rows.
        var empty = "None."
    }

    struct Section {
        var title: String
        var facts: [(name: String, value: String)] = []
        var charts: [LineChart] = []
        var table: Table?
        var notes: [String] = []
    }

    let title: String
    let sections: [Section]

    init(_ report: MonitoringReport) {
        let snapshot = report.snapshot
        title = "\(snapshot.title): caches over \(snapshot.window.words)"
        sections = [
            Self.overview(report), Self.advice(snapshot), Self.latencies(snapshot), Self.origin(report),
            Self.namespaces(snapshot), Self.misses(snapshot), Self.capacities(snapshot), Self.hotKeys(snapshot),
            Self.alerts(snapshot),
        ]
    }

    // MARK: Sections

    private static func overview(_ report: MonitoringReport) -> Section {
        let (snapshot, summary, counts) = (report.snapshot, report.summary, report.snapshot.recent)
        func share(_ number: Int) -> String {
            let share = counts.requests == 0 ? nil : Double(number) / Double(counts.requests)
            return "\(Figure.count(number)) (\(Figure.percent(share)))"
        }
        let range =
            summary.lowestHitRatio.map { ", from \(Figure.percent($0)) to \(Figure.percent(summary.highestHitRatio))" }
            ?? ""
        return Section(
            title: "Overview",
            facts: [
                ("Taken", snapshot.time.formatted(.iso8601)),
                ("Monitored for", Figure.duration(snapshot.uptime)),
                ("Requests", Figure.count(counts.requests)),
                ("Hit ratio", Figure.percent(counts.hitRatio) + range),
                ("From memory", share(counts.memoryHits)),
                ("From the store", share(counts.storeHits)),
                ("Stale", share(counts.staleHits)),
                ("Missed", share(counts.misses)),
                ("Entries in memory", Figure.count(counts.entries)),
                ("Memory of the process", Figure.bytes(snapshot.processBytes)),
            ],
            charts: [.hitRatios(snapshot.history), .entries(snapshot.history)]
        )
    }

    private static func advice(_ snapshot: MonitoringSnapshot) -> Section {
        Section(
            title: "Advice",
            notes: snapshot.advice.isEmpty
                ? ["Nothing stands out."] : snapshot.advice.map { "\($0.namespace): \($0.text)" }
        )
    }

    private static func latencies(_ snapshot: MonitoringSnapshot) -> Section {
        let phases = [
            ("Reads of the store", snapshot.latencies.store), ("Loads", snapshot.latencies.origin),
            ("Age of stale answers", snapshot.latencies.staleAge),
        ]
        return Section(
            title: "Latency",
            charts: [.latency("Loads", snapshot.history, p50: \.originP50, p99: \.originP99)]
                + (snapshot.latencies.store.count > 0
                    ? [.latency("Reads of the store", snapshot.history, p50: \.storeP50, p99: \.storeP99)] : []),
            table: Table(
                head: ["", "count", "mean", "p50", "p90", "p99", "p99.9", "longest"],
                rows: phases.filter { $0.1.count > 0 }
                    .map { name, latency in
                        [name, Figure.count(latency.count)]
                            + [latency.mean, latency.p50, latency.p90, latency.p99, latency.p999, latency.maximum]
                            .map { Figure.duration($0) }
                    },
                empty: "Nothing was measured."
            )
        )
    }

    private static func origin(_ report: MonitoringReport) -> Section {
        let summary = report.summary
        return Section(
            title: "Origin",
            facts: [
                ("Loads", Figure.count(summary.loads)),
                ("Failed or abandoned", Figure.count(summary.failedLoads)),
                ("Time of loading", Figure.duration(summary.secondsOfLoading)),
                ("Loads spared", Figure.count(summary.sparedLoads)),
                ("Time spared", Figure.duration(summary.sparedSeconds)),
            ],
            charts: [.loads(report.snapshot.history)]
        )
    }

    private static func namespaces(_ snapshot: MonitoringSnapshot) -> Section {
        let shown = 20
        let omitted = snapshot.omittedNamespaces + max(0, snapshot.namespaces.count - shown)
        return Section(
            title: "Top namespaces",
            table: Table(
                head: [
                    "namespace", "requests", "hit ratio", "memory", "store", "stale", "misses", "loads", "p99",
                    "entries",
                ],
                rows: snapshot.namespaces.prefix(shown)
                    .map { namespace in
                        let counts = namespace.recent
                        return [
                            namespace.name, Figure.count(counts.requests), Figure.percent(counts.hitRatio),
                            Figure.count(counts.memoryHits), Figure.count(counts.storeHits),
                            Figure.count(counts.staleHits), Figure.count(counts.misses), Figure.count(counts.loads),
                            Figure.duration(
                                namespace.latencies.origin.count == 0 ? nil : namespace.latencies.origin.p99
                            ),
                            Figure.count(counts.entries),
                        ]
                    },
                empty: "No namespace was opened."
            ),
            notes: omitted > 0 ? ["\(omitted) more with fewer requests."] : []
        )
    }

    private static func misses(_ snapshot: MonitoringSnapshot) -> Section {
        let misses = snapshot.recent.misses
        return Section(
            title: "Why reads missed",
            table: Table(
                head: ["reason", "misses", "share"],
                rows: snapshot.recent.missReasons.sorted { ($0.value, $1.key) > ($1.value, $0.key) }
                    .map { reason, count in
                        [reason, Figure.count(count), Figure.percent(Double(count) / Double(max(1, misses)))]
                    },
                empty: "None did."
            )
        )
    }

    private static func capacities(_ snapshot: MonitoringSnapshot) -> Section {
        let known = snapshot.namespaces.filter { !$0.curve.isEmpty }
        return Section(
            title: "Hit ratio of memory by capacity",
            charts: known.isEmpty ? [] : [.curves(Array(known.prefix(6)))],
            table: Table(
                head: ["namespace", "entries", "half", "as it is", "twice"],
                rows: known.prefix(20)
                    .map { namespace in
                        let capacity = namespace.entryCapacity
                        return [namespace.name, Figure.count(capacity)]
                            + [capacity / 2, capacity, 2 * capacity]
                            .map { Figure.percent(namespace.expectedHitRatio(atCapacity: $0)) }
                    },
                empty: "Too few reads to tell."
            )
        )
    }

    private static func hotKeys(_ snapshot: MonitoringSnapshot) -> Section {
        Section(
            title: "Hottest keys",
            table: Table(
                head: ["key", "namespace", "reads", "share of its reads"],
                rows: snapshot.hottestKeys.map { key in
                    [key.key, key.namespace, Figure.count(key.reads), Figure.percent(key.share)]
                }
            )
        )
    }

    private static func alerts(_ snapshot: MonitoringSnapshot) -> Section {
        let current = snapshot.alerts.filter { $0.state == .pending }
        return Section(
            title: "Alerts",
            table: Table(
                head: ["rule", "namespace", "state", "value", "limit", "since"],
                rows: (current + snapshot.recentAlerts)
                    .map { alert in
                        [
                            alert.rule, alert.namespace ?? "", alert.state.rawValue, Figure.decimal(alert.value),
                            Figure.decimal(alert.limit), alert.since.formatted(.iso8601),
                        ]
                    }
            )
        )
    }
}

extension StatisticsWindow {
    /// The window in words.
    package var words: String {
        switch self {
        case .oneMinute: "the last minute"
        case .fiveMinutes: "the last 5 minutes"
        case .fifteenMinutes: "the last 15 minutes"
        case .oneHour: "the last hour"
        case .oneDay: "the last 24 hours"
        }
    }
}
