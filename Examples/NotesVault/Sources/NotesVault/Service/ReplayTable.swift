import Foundation

/// The outcome of the replay as a table for people.
struct ReplayTable {
    let off: ReplayResult
    let on: ReplayResult

    /// The table, and under it what the cache saved.
    var text: String {
        var rows: [[String]] = [["", "cache off", "cache on"]]
        rows.append(["requests", number(off.requests), number(on.requests)])
        rows.append(["p50", time(off.latency.p50), time(on.latency.p50)])
        rows.append(["p99", time(off.latency.p99), time(on.latency.p99)])
        rows.append(["p50 of reads", time(off.reads.p50), time(on.reads.p50)])
        rows.append(["p99 of reads", time(off.reads.p99), time(on.reads.p99)])
        if off.edits.maximum > 0 {
            rows.append(["p50 of edits", time(off.edits.p50), time(on.edits.p50)])
            rows.append(["p99 of edits", time(off.edits.p99), time(on.edits.p99)])
        }
        rows.append(["requests per second", number(Int(off.requestsPerSecond)), number(Int(on.requestsPerSecond))])
        rows.append(["hits in memory (L1)", "-", share(on.memoryHits)])
        rows.append(["hits in the store (L2)", "-", share(on.storeHits)])
        rows.append(["origin queries", number(off.originQueries), number(on.originQueries)])
        rows.append(["origin queries saved", "-", saved])
        if off.failures + on.failures > 0 {
            rows.append(["failed requests", number(off.failures), number(on.failures)])
        }
        let widths = (0..<3).map { column in rows.map { $0[column].count }.max() ?? 0 }
        let lines = rows.map { row in
            "  " + row[0].padding(to: widths[0]) + "   " + row[1].padding(to: widths[1], onLeft: true) + "   "
                + row[2].padding(to: widths[2], onLeft: true)
        }
        let rule = "  " + String(repeating: "─", count: widths.reduce(6, +))
        return ([lines[0], rule] + lines.dropFirst() + [""]).joined(separator: "\n")
    }

    private var saved: String {
        let saved = off.originQueries - on.originQueries
        guard off.originQueries > 0 else { return number(saved) }
        return "\(number(saved)) (\(Int((Double(saved) * 100 / Double(off.originQueries)).rounded())) %)"
    }

    private func share(_ hits: Int) -> String {
        guard on.cacheReads > 0 else { return "-" }
        return String(format: "%.1f %%", Double(hits) * 100 / Double(on.cacheReads))
    }

    private func time(_ milliseconds: Double) -> String {
        milliseconds < 1 ? "\(Int((milliseconds * 1_000).rounded())) us" : String(format: "%.2f ms", milliseconds)
    }

    /// A number with a space between thousands.
    private func number(_ value: Int) -> String {
        var digits = String(value.magnitude)
        var groups: [Substring] = []
        while digits.count > 3 {
            groups.insert(digits.suffix(3), at: 0)
            digits = String(digits.dropLast(3))
        }
        return (value < 0 ? "-" : "") + ([Substring(digits)] + groups).joined(separator: " ")
    }
}
