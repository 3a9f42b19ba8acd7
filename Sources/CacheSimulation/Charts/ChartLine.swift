/// The line of a policy in a chart.
struct ChartLine {
    let policy: String
    private let points: [(x: Double, y: Double)]
    private let style: Style

    init(policy: String, results: [SimulationResult], frame: ChartFrame) {
        self.policy = policy
        points = results.map { (frame.x($0.capacity), frame.y($0.hitRatio)) }
        style = Self.styles[policy] ?? Style(color: "#57606a")
    }

    var isEmphasized: Bool { style.isEmphasized }

    var endHeight: Double { points.last?.y ?? 0 }

    var svg: String {
        let path = points.map { "\($0.x.formatted),\($0.y.formatted)" }.joined(separator: " ")
        let dots = points.map { point in
            """
            <circle cx="\(point.x.formatted)" cy="\(point.y.formatted)" r="\(isEmphasized ? 4 : 2.6)" \
            fill="\(style.color)" stroke="#ffffff" stroke-width="1"/>
            """
        }
        return """
            <polyline points="\(path)" fill="none" stroke="\(style.color)" stroke-width="\(isEmphasized ? 3.2 : 1.6)" \
            stroke-linejoin="round"\(style.isDashed ? " stroke-dasharray=\"5 4\"" : "")/>
            \(dots.joined())
            """
    }

    /// The name of the policy at a height beside the chart, with a thin line from the end of its line.
    func label(at height: Double) -> String {
        guard let end = points.last else { return "" }
        let start = ChartFrame.right + 18
        return """
            <polyline points="\((end.x + 6).formatted),\(end.y.formatted) \((start - 12).formatted),\(height.formatted) \
            \((start - 4).formatted),\(height.formatted)" fill="none" stroke="\(style.color)" stroke-opacity="0.45"/>\
            <text x="\(start)" y="\((height + 4).formatted)" fill="\(style.color)" \
            font-weight="\(isEmphasized ? 700 : 500)">\(policy.escaped)</text>
            """
    }
}

extension ChartLine {
    private struct Style {
        var color: String
        var isDashed = false
        var isEmphasized = false
    }

    private static let styles: [String: Style] = [
        "larder": Style(color: "#0b62d6", isEmphasized: true),
        "belady": Style(color: "#6e7781", isDashed: true),
        "lru": Style(color: "#cf222e"),
        "sieve": Style(color: "#1a7f37"),
        "s3-fifo": Style(color: "#bf5b04"),
        "arc": Style(color: "#8250df"),
        "lirs": Style(color: "#0a7f86"),
        "w-tinylfu": Style(color: "#bf3989"),
        "2q": Style(color: "#7d6400"),
        "clock": Style(color: "#4d6a8a"),
        "lfu": Style(color: "#8b5e3c"),
        "fifo": Style(color: "#a04a6a"),
    ]
}
