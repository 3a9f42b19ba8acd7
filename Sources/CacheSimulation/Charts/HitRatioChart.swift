import Foundation

/// A chart of hit ratio against capacity, one line for each policy, as SVG.
public struct HitRatioChart: Sendable {
    private let title: String
    private let lines: [ChartLine]
    private let frame: ChartFrame

    /// Makes a chart.
    ///
    /// - Parameters:
    ///   - title: What stands above the chart.
    ///   - results: The points, at least one.
    public init(title: String, results: [SimulationResult]) {
        self.title = title
        var points: [String: [SimulationResult]] = [:]
        for result in results { points[result.policy, default: []].append(result) }
        let frame = ChartFrame(results: results)
        self.frame = frame
        lines =
            points.map { policy, results in
                ChartLine(policy: policy, results: results.sorted { $0.capacity < $1.capacity }, frame: frame)
            }
            .sorted { ($0.endHeight, $0.policy) < ($1.endHeight, $1.policy) }
    }

    /// The chart as an SVG document.
    public var svg: String {
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(ChartFrame.width)) \(Int(ChartFrame.height))" \
        width="\(Int(ChartFrame.width))" height="\(Int(ChartFrame.height))" \
        font-family="system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif" font-size="12" fill="#57606a">
        <rect width="100%" height="100%" fill="#ffffff"/>
        <text x="\(Int(ChartFrame.left))" y="32" font-size="17" font-weight="600" fill="#1f2328">\(title.escaped)</text>
        <text x="\(Int(ChartFrame.left))" y="52">Hit ratio by capacity</text>
        \(frame.svg)
        \(drawingOrder.map(\.svg).joined(separator: "\n"))
        \(labels)
        </svg>

        """
    }

    /// The lines with the most important one on top.
    private var drawingOrder: [ChartLine] { lines.filter { !$0.isEmphasized } + lines.filter(\.isEmphasized) }

    /// The names of the policies beside the ends of their lines, moved apart where they would overlap.
    private var labels: String {
        let spacing = 17.0
        let highest = ChartFrame.bottom - spacing * Double(lines.count - 1)
        let heights = lines.map(\.endHeight).enumerated().map { $1 - Double($0) * spacing }.rising
            .map { max(24, min($0, highest)) }
            .enumerated().map { $1 + Double($0) * spacing }
        return zip(lines, heights).map { line, height in line.label(at: height) }.joined(separator: "\n")
    }
}

extension [Double] {
    /// The numbers that never fall and are nearest to these: each run that falls is replaced by its mean.
    fileprivate var rising: [Double] {
        var runs: [(mean: Double, count: Int)] = []
        for number in self {
            var run = (mean: number, count: 1)
            while let last = runs.last, last.mean > run.mean {
                let count = last.count + run.count
                run = ((last.mean * Double(last.count) + run.mean * Double(run.count)) / Double(count), count)
                runs.removeLast()
            }
            runs.append(run)
        }
        return runs.flatMap { Array(repeating: $0.mean, count: $0.count) }
    }
}

extension String {
    /// The text with the characters that mean something in XML written as references.
    var escaped: String {
        replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
            .replacingOccurrences(of: ">", with: "&gt;")
    }
}
