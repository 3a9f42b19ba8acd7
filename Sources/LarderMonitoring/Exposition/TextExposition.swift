/// Writes metric families as text.
struct TextExposition {
    private let format: ExpositionFormat
    private(set) var text = ""

    init(_ families: [MetricFamily], _ format: ExpositionFormat) {
        self.format = format
        for family in families where !family.series.isEmpty { write(family) }
        if format == .openMetrics { text += "# EOF\n" }
    }

    private mutating func write(_ family: MetricFamily) {
        let name = format == .openMetrics ? family.name : family.sampleName
        text += "# HELP \(name) \(escaped(family.help, isLabel: format == .openMetrics))\n"
        text += "# TYPE \(name) \(family.kind.rawValue)\n"
        if format == .openMetrics, name.hasSuffix("_seconds") { text += "# UNIT \(name) seconds\n" }
        for (labels, value) in family.series {
            switch value {
            case .number(let number):
                text += "\(family.sampleName)\(braced(labels)) \(Self.number(number))\n"
            case .histogram(let reading):
                write(reading, family.name, labels)
            }
        }
    }

    private mutating func write(_ reading: HistogramReading, _ name: String, _ labels: Labels) {
        var sum = 0
        for (index, count) in reading.counts.enumerated() {
            sum += count
            let bound = index < reading.bounds.count ? Self.number(reading.bounds[index]) : "+Inf"
            text += "\(name)_bucket\(braced(labels, ("le", bound))) \(sum)"
            if format == .openMetrics, let exemplar = reading.exemplars[index] {
                text += " # \(braced(Labels(exemplar.labels))) \(Self.number(exemplar.value))"
            }
            text += "\n"
        }
        text += "\(name)_sum\(braced(labels)) \(Self.number(reading.sum))\n"
        text += "\(name)_count\(braced(labels)) \(sum)\n"
    }

    private func braced(_ labels: Labels, _ last: (String, String)? = nil) -> String {
        var parts = labels.pairs.map { "\($0.name)=\"\(escaped($0.value, isLabel: true))\"" }
        if let last { parts.append("\(last.0)=\"\(last.1)\"") }
        return parts.isEmpty ? "" : "{\(parts.joined(separator: ","))}"
    }

    private func escaped(_ value: String, isLabel: Bool) -> String {
        guard value.utf8.contains(where: { $0 == 0x5C || $0 == 0x0A || $0 == 0x22 }) else { return value }
        var result = ""
        for character in value.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where isLabel: result += "\\\""
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return "\(value)"
    }
}
