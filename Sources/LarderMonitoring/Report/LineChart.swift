import Foundation

/// A chart with lines, as SVG for a page that has colours for the classes `c0` to `c5`.
struct LineChart {
    struct Line {
        let name: String
        /// From the left to the right; `nil` is a gap.
        let points: [(x: Double, y: Double?)]
    }

    let title: String
    let lines: [Line]
    /// Writes a value.
    let format: (Double) -> String
    /// What stands below the chart at some places.
    let labels: [(x: Double, text: String)]
    /// The highest value, if that is known.
    var top: Double?

    private static let (width, height) = (520.0, 190.0)
    private static let (left, right, upper, lower) = (58.0, 508.0, 12.0, 164.0)

    /// The chart with its title and the names of the lines.
    var figure: String {
        let names = lines.enumerated()
            .map { "<i class=\"key c\($0 % 6)\"></i>\($1.name.html)" }
        return """
            <figure><figcaption><b>\(title.html)</b>\(names.joined())</figcaption>\(svg)</figure>
            """
    }

    private var svg: String {
        """
        <svg viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" role="img" aria-label="\(summary.html)">
        \((grid + marks).joined())
        \(lines.enumerated().map { drawing($1, "c\($0 % 6)") }.joined(separator: "\n"))
        </svg>
        """
    }

    /// What those are told who do not see it.
    private var summary: String {
        let ends = lines.compactMap { line in
            line.points.last { $0.y != nil }?.y.map { "\(line.name) \(format($0))" }
        }
        return ends.isEmpty ? "\(title): nothing yet" : "\(title), newest values: \(ends.joined(separator: ", "))"
    }

    // MARK: Axes

    private var highest: Double {
        if let top { return top }
        let most = lines.flatMap(\.points).compactMap(\.y).max() ?? 0
        guard most > 0 else { return 1 }
        let magnitude = pow(10, log10(most).rounded(.down))
        return [1, 2, 2.5, 5, 10].map { $0 * magnitude }.first { $0 >= most } ?? 10 * magnitude
    }

    private var ends: ClosedRange<Double> {
        let xs = lines.flatMap(\.points).map(\.x) + labels.map(\.x)
        let (low, high) = (xs.min() ?? 0, xs.max() ?? 1)
        return low...max(high, low + 1e-9)
    }

    private func x(_ value: Double) -> Double {
        let ends = ends
        return Self.left + (value - ends.lowerBound) / (ends.upperBound - ends.lowerBound) * (Self.right - Self.left)
    }

    private func y(_ value: Double) -> Double {
        Self.lower - min(1, value / highest) * (Self.lower - Self.upper)
    }

    private var grid: [String] {
        (0...4)
            .map { step in
                let value = highest * Double(step) / 4
                let height = Self.number(y(value))
                return """
                    <line class="grid" x1="\(Int(Self.left))" x2="\(Int(Self.right))" y1="\(height)" y2="\(height)"/>\
                    <text x="\(Int(Self.left) - 8)" y="\(Self.number(y(value) + 4))" text-anchor="end">\
                    \(format(value).html)</text>
                    """
            }
    }

    private var marks: [String] {
        labels.enumerated()
            .map { index, label in
                let anchor = index == 0 ? "start" : index == labels.count - 1 ? "end" : "middle"
                return """
                    <text x="\(Self.number(x(label.x)))" y="\(Int(Self.lower) + 18)" text-anchor="\(anchor)">\
                    \(label.text.html)</text>
                    """
            }
    }

    // MARK: Lines

    /// The runs of a line between its gaps; a point by itself becomes a dot.
    private func drawing(_ line: Line, _ color: String) -> String {
        var runs: [[(x: Double, y: Double)]] = [[]]
        for point in line.points {
            if let value = point.y {
                runs[runs.count - 1].append((x(point.x), y(value)))
            } else if runs.last?.isEmpty == false {
                runs.append([])
            }
        }
        return
            runs.map { run in
                guard run.count > 1 else {
                    return
                        run.map {
                            "<circle class=\"\(color)\" cx=\"\(Self.number($0.x))\" cy=\"\(Self.number($0.y))\" r=\"3\"/>"
                        }
                        .joined()
                }
                let points = run.map { "\(Self.number($0.x)),\(Self.number($0.y))" }.joined(separator: " ")
                return "<polyline class=\"line \(color)\" points=\"\(points)\"/>"
            }
            .joined()
    }

    private static func number(_ value: Double) -> String { String(format: "%.1f", value) }
}

// MARK: - The charts of a report

extension LineChart {
    static func hitRatios(_ steps: [SnapshotStep]) -> LineChart {
        func share(_ part: KeyPath<SnapshotStep, Int>) -> (SnapshotStep) -> Double? {
            { $0.requests == 0 ? nil : Double($0[keyPath: part]) / Double($0.requests) }
        }
        return overTime(
            "Hit ratio",
            steps,
            [("all", \.hitRatio), ("memory", share(\.memoryHits)), ("store", share(\.storeHits))],
            top: 1
        ) { Figure.percent($0).replacing(".0 %", with: " %") }
    }

    static func entries(_ steps: [SnapshotStep]) -> LineChart {
        overTime("Entries in memory", steps, [("entries", { Double($0.entries) })], format: Figure.decimal)
    }

    static func loads(_ steps: [SnapshotStep]) -> LineChart {
        func rate(_ part: KeyPath<SnapshotStep, Int>) -> (SnapshotStep) -> Double? {
            { $0.length > 0 ? Double($0[keyPath: part]) / $0.length : nil }
        }
        return overTime(
            "Loads a second",
            steps,
            [("started", rate(\.loads)), ("failed", rate(\.failedLoads))],
            format: Figure.decimal
        )
    }

    static func latency(
        _ name: String,
        _ steps: [SnapshotStep],
        p50: @escaping (SnapshotStep) -> Double?,
        p99: @escaping (SnapshotStep) -> Double?
    ) -> LineChart {
        overTime(name, steps, [("p50", p50), ("p99", p99)]) { Figure.duration($0) }
    }

    static func curves(_ namespaces: [SnapshotNamespace]) -> LineChart {
        let capacities = namespaces.flatMap { $0.curve.map(\.capacity) }
        let ends = [capacities.min(), capacities.max()].compactMap { $0 }
        return LineChart(
            title: "Hit ratio of memory by capacity",
            lines: namespaces.map { namespace in
                Line(name: namespace.name, points: namespace.curve.map { (log2(Double($0.capacity)), $0.hitRatio) })
            },
            format: { Figure.percent($0).replacing(".0 %", with: " %") },
            labels: ends.map { (log2(Double($0)), "\(Figure.count($0)) entries") },
            top: 1
        )
    }

    private static func overTime(
        _ title: String,
        _ steps: [SnapshotStep],
        _ lines: [(name: String, value: (SnapshotStep) -> Double?)],
        top: Double? = nil,
        format: @escaping (Double) -> String
    ) -> LineChart {
        let oldest = steps.first.map { $0.age + $0.length } ?? 0
        return LineChart(
            title: title,
            lines: lines.map { line in
                Line(name: line.name, points: steps.map { (-$0.age - $0.length / 2, line.value($0)) })
            },
            format: format,
            labels: [(-max(oldest, 1), "\(Figure.duration(max(oldest, 1).rounded())) ago"), (0, "now")],
            top: top
        )
    }
}
