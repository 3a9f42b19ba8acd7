/// All series of one name, as they are at a moment.
struct MetricFamily: Sendable {
    enum Kind: String, Hashable, Sendable {
        case counter
        case gauge
        case histogram
    }

    enum Value: Sendable {
        case number(Double)
        case histogram(HistogramReading)
    }

    /// The name without the suffix of its kind.
    var name: String
    var kind: Kind
    var help: String
    var series: [(labels: Labels, value: Value)]

    /// The name in samples, and in the format of Prometheus everywhere.
    var sampleName: String { kind == .counter ? name + "_total" : name }
}

/// The labels of a series, sorted by their names.
struct Labels: Hashable, Sendable, Comparable {
    let pairs: [Pair]

    struct Pair: Hashable, Sendable, Comparable {
        let name: String
        let value: String

        static func < (left: Pair, right: Pair) -> Bool { (left.name, left.value) < (right.name, right.value) }
    }

    init(_ dimensions: [(String, String)]) {
        pairs = dimensions.map { Pair(name: MetricName.label($0.0), value: $0.1) }.sorted()
    }

    static func < (left: Labels, right: Labels) -> Bool { left.pairs.lexicographicallyPrecedes(right.pairs) }
}

/// What names may be made of.
enum MetricName {
    /// A name with a low line for each character that a metric must not have.
    static func metric(_ name: String) -> String { cleaned(name, allowing: ":") }

    /// A name with a low line for each character that a label must not have.
    static func label(_ name: String) -> String { cleaned(name, allowing: "") }

    private static func cleaned(_ name: String, allowing others: String) -> String {
        let cleaned = String(
            name.map { $0.isASCII && ($0.isLetter || $0.isNumber) || others.contains($0) ? $0 : "_" }
        )
        return cleaned.first.map { $0.isNumber } ?? true ? "_" + cleaned : cleaned
    }
}
