import Foundation

/// What caches did in a period, for people: as text, as Markdown, as JSON, and as a page with charts.
///
/// ```swift
/// let report = MonitoringReport(source.snapshot(over: .oneDay))
/// try report.text(.html).write(toFile: "report.html", atomically: true, encoding: .utf8)
/// ```
public struct MonitoringReport: Codable, Hashable, Sendable {
    /// The forms of a report.
    public enum Format: String, CaseIterable, Hashable, Sendable {
        /// For a terminal.
        case text
        /// GitHub Flavored Markdown.
        case markdown
        /// For programs.
        case json
        /// A page with charts that needs no other file, no script and no network.
        case html
    }

    /// The figures that a report begins with.
    public struct Summary: Codable, Hashable, Sendable {
        /// All reads.
        public var requests: Int
        /// The share of reads that a tier answered, from 0 to 1; `nil` if there was none.
        public var hitRatio: Double?
        /// The lowest and the highest share among the steps of the period that had a hundredth of its reads or more.
        public var lowestHitRatio, highestHitRatio: Double?
        /// Loads that were started.
        public var loads: Int
        /// Loads that failed or were abandoned.
        public var failedLoads: Int
        /// What the loads took together, in seconds.
        public var secondsOfLoading: Double
        /// Reads that a tier answered, or that shared the load of another: what the origin was not asked for.
        public var sparedLoads: Int
        /// What these would have taken, by the mean of the loads of their namespaces, in seconds.
        public var sparedSeconds: Double
    }

    /// The figures that the report begins with.
    public let summary: Summary

    /// What the report was made of.
    public let snapshot: MonitoringSnapshot

    /// Makes a report.
    ///
    /// - Parameter snapshot: What the caches did, over the period that the report is of.
    public init(_ snapshot: MonitoringSnapshot) {
        self.snapshot = snapshot
        let counts = snapshot.recent
        let ratios = snapshot.history.filter { $0.requests * 100 >= counts.requests }.compactMap(\.hitRatio)
        summary = Summary(
            requests: counts.requests,
            hitRatio: counts.hitRatio,
            lowestHitRatio: ratios.min(),
            highestHitRatio: ratios.max(),
            loads: counts.loads,
            failedLoads: counts.failedLoads,
            secondsOfLoading: snapshot.latencies.origin.sum,
            sparedLoads: counts.hits + counts.coalescedReads,
            sparedSeconds: snapshot.namespaces.reduce(0) { sum, namespace in
                let spared = namespace.recent.hits + namespace.recent.coalescedReads
                return sum + Double(spared) * namespace.latencies.origin.mean
            }
        )
    }

    /// The report in a form.
    ///
    /// - Parameter format: The form.
    /// - Returns: The report.
    /// - Throws: What kept it from being encoded as JSON, such as a number that is none.
    public func text(_ format: Format) throws -> String {
        let content = ReportContent(self)
        return switch format {
        case .text: content.plainText
        case .markdown: content.markdown
        case .json: String(decoding: try json(), as: UTF8.self) + "\n"
        case .html: content.page
        }
    }

    private func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }
}
