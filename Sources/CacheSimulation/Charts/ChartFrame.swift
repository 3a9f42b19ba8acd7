import Foundation

/// The axes of a chart: capacity by its logarithm to the right, hit ratio upwards.
struct ChartFrame {
    static let width = 860.0
    static let height = 520.0
    static let left = 64.0
    static let right = 728.0
    static let top = 76.0
    static let bottom = 452.0

    private let capacities: [Int]
    private let ratios: ClosedRange<Double>
    private let step: Double

    init(results: [SimulationResult]) {
        capacities = Set(results.map(\.capacity)).sorted()
        let least = results.map(\.hitRatio).min() ?? 0
        let most = results.map(\.hitRatio).max() ?? 1
        step = [0.01, 0.02, 0.05, 0.1, 0.2].first { (most - least) / $0 <= 8 } ?? 0.2
        let low = max(0, (least / step).rounded(.down) * step)
        ratios = low...min(1, max(low + step, (most / step).rounded(.up) * step))
    }

    func x(_ capacity: Int) -> Double {
        let least = log(Double(capacities.first ?? 1))
        let most = log(Double(capacities.last ?? 1))
        guard most > least else { return (Self.left + Self.right) / 2 }
        return Self.left + 12 + (log(Double(capacity)) - least) / (most - least) * (Self.right - Self.left - 24)
    }

    func y(_ ratio: Double) -> Double {
        Self.bottom - (ratio - ratios.lowerBound) / (ratios.upperBound - ratios.lowerBound) * (Self.bottom - Self.top)
    }

    var svg: String { (horizontals + verticals + [caption]).joined(separator: "\n") }

    private var horizontals: [String] {
        stride(from: ratios.lowerBound, through: ratios.upperBound + step / 2, by: step)
            .filter { $0 <= 1.000_1 }
            .map { ratio in
                let y = y(ratio).formatted
                let color = ratio == ratios.lowerBound ? "#8c959f" : "#e6e9ec"
                return """
                    <line x1="\(Self.left)" x2="\(Self.right)" y1="\(y)" y2="\(y)" stroke="\(color)"/>\
                    <text x="\(Self.left - 10)" y="\((self.y(ratio) + 4).formatted)" text-anchor="end">\
                    \(Int((ratio * 100).rounded())) %</text>
                    """
            }
    }

    private var verticals: [String] {
        var lastLabel = -Double.infinity
        return capacities.map { capacity in
            let x = x(capacity)
            var svg = """
                <line x1="\(x.formatted)" x2="\(x.formatted)" y1="\(Self.bottom)" y2="\(Self.bottom + 5)" stroke="#8c959f"/>
                """
            if x - lastLabel > 52 {
                lastLabel = x
                svg += """
                    <text x="\(x.formatted)" y="\(Self.bottom + 21)" text-anchor="middle">\(capacity.grouped)</text>
                    """
            }
            return svg
        }
    }

    private var caption: String {
        """
        <text x="\((Self.left + Self.right) / 2)" y="\(Self.bottom + 46)" text-anchor="middle">\
        Capacity (logarithmic)</text>
        """
    }
}

extension Double {
    /// The number with one digit after the point.
    var formatted: String { String(format: "%.1f", self) }
}

extension Int {
    /// The number with its thousands set apart.
    var grouped: String {
        let digits = String(self).reversed().enumerated()
        return String(
            digits.flatMap { $0.offset % 3 == 0 && $0.offset > 0 ? [",", $0.element] : [$0.element] }.reversed()
        )
    }
}
