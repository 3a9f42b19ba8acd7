import Foundation
import Larder
import LarderMonitoring

/// What `larder top` shows of a snapshot: the lines that fit.
struct TopScreen {
    private static let reset = "\u{1B}[0m"

    private let width: Int
    private let isStyled: Bool
    private(set) var lines: [String] = []

    /// Makes the lines.
    ///
    /// - Parameters:
    ///   - snapshot: What is shown.
    ///   - width: How many columns there are.
    ///   - height: How many rows there are.
    ///   - isStyled: Whether the terminal is told of colours.
    init(_ snapshot: MonitoringSnapshot, width: Int, height: Int, isStyled: Bool) {
        self.width = max(20, width)
        self.isStyled = isStyled
        head(snapshot)
        alerts(snapshot)
        namespaces(snapshot, rows: max(3, height - 24))
        hotKeys(snapshot)
        advice(snapshot)
        lines = Array(lines.prefix(max(1, height)))
    }

    // MARK: Parts

    private mutating func head(_ snapshot: MonitoringSnapshot) {
        let counts = snapshot.recent
        let taken = snapshot.time.formatted(.iso8601)
        add("\(snapshot.title.printable)  \(taken)  up \(Figure.duration(snapshot.uptime.rounded()))", .bold)
        add("Figures of \(snapshot.window.words)")
        add("")
        let history = Self.sparkline(snapshot.history.map(\.hitRatio))
        add("Hit ratio  \(Figure.percent(counts.hitRatio).padded(to: 9)) \(history)")
        add(
            """
            Requests   \(Figure.count(counts.requests))  (memory \(Figure.count(counts.memoryHits)), \
            store \(Figure.count(counts.storeHits)), stale \(Figure.count(counts.staleHits)), \
            missed \(Figure.count(counts.misses)))
            """
        )
        let failed = counts.failedLoads > 0 ? ", \(Figure.count(counts.failedLoads)) failed" : ""
        add(
            """
            Loads      \(Figure.count(counts.loads))\(failed)  (running \(counts.runningLoads), \
            queued \(counts.queuedLoads))  p50 \(Self.time(snapshot.latencies.origin, \.p50))  \
            p99 \(Self.time(snapshot.latencies.origin, \.p99))
            """
        )
        if snapshot.latencies.store.count > 0 {
            let breaker = snapshot.storeBreaker.map { "  breaker \($0)" } ?? ""
            add(
                """
                Store      \(Figure.count(snapshot.latencies.store.count)) reads  \
                p50 \(Self.time(snapshot.latencies.store, \.p50))  p99 \(Self.time(snapshot.latencies.store, \.p99))\
                \(breaker)
                """
            )
        }
        add("Memory     \(Figure.bytes(snapshot.processBytes))  (\(Figure.count(counts.entries)) entries)")
    }

    private mutating func alerts(_ snapshot: MonitoringSnapshot) {
        guard !snapshot.alerts.isEmpty else { return }
        add("")
        for alert in snapshot.alerts.prefix(5) { add(alert.summary, alert.state == .firing ? .alarm : .plain) }
    }

    private mutating func namespaces(_ snapshot: MonitoringSnapshot, rows: Int) {
        add("")
        table(
            ["namespace", "requests", "hits", "memory", "store", "stale", "misses", "loads", "p99", "entries"],
            snapshot.namespaces.prefix(rows)
                .map { namespace in
                    let counts = namespace.recent
                    return [
                        namespace.name, Figure.count(counts.requests), Figure.percent(counts.hitRatio),
                        Figure.count(counts.memoryHits), Figure.count(counts.storeHits), Figure.count(counts.staleHits),
                        Figure.count(counts.misses), Figure.count(counts.loads),
                        Self.time(namespace.latencies.origin, \.p99), Figure.count(counts.entries),
                    ]
                }
        )
    }

    private mutating func hotKeys(_ snapshot: MonitoringSnapshot) {
        guard !snapshot.hottestKeys.isEmpty else { return }
        add("")
        table(
            ["hottest keys", "namespace", "reads", "share"],
            snapshot.hottestKeys.prefix(5)
                .map { [Self.cut($0.key, to: 48), $0.namespace, Figure.count($0.reads), Figure.percent($0.share)] }
        )
    }

    private mutating func advice(_ snapshot: MonitoringSnapshot) {
        guard !snapshot.advice.isEmpty else { return }
        add("")
        for advice in snapshot.advice.prefix(3) { add("* \(advice.namespace): \(advice.text)") }
    }

    // MARK: Lines

    private enum Style: String {
        case plain = ""
        case bold = "\u{1B}[1m"
        case faint = "\u{1B}[2m"
        case alarm = "\u{1B}[1;31m"
    }

    private mutating func add(_ line: String, _ style: Style = .plain) {
        let line = Self.cut(line.printable, to: width)
        lines.append(isStyled && style != .plain ? style.rawValue + line + Self.reset : line)
    }

    private mutating func table(_ head: [String], _ rows: [[String]]) {
        let table = TextTable.text(head: head, rows: rows).split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in table.enumerated() { add(String(line), index == 0 ? .faint : .plain) }
    }

    private static func cut(_ text: String, to width: Int) -> String {
        text.count > width ? text.prefix(max(0, width - 1)) + "…" : text
    }

    private static func time(_ latency: SnapshotLatency, _ part: KeyPath<SnapshotLatency, Double>) -> String {
        latency.count == 0 ? "–" : Figure.duration(latency[keyPath: part])
    }

    /// Shares as bars, one character each; a space where there is none.
    static func sparkline(_ shares: [Double?]) -> String {
        let bars = Array("▁▂▃▄▅▆▇█")
        return String(
            shares.map { share in
                share.map { bars[min(bars.count - 1, max(0, Int($0 * Double(bars.count))))] } ?? " "
            }
        )
    }
}
