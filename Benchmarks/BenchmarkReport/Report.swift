import Foundation

/// Collects figures, and prints their medians.
package final class Report {
    private var samples: [(name: String, values: [Double])] = []
    private var broken: [String] = []
    private var notes: [String] = []
    private var checksum = 0

    package init() {}

    /// Adds a sample of a figure.
    package func add(_ name: String, _ value: Double) {
        if let index = samples.firstIndex(where: { $0.name == name }) {
            samples[index].values.append(value)
        } else {
            samples.append((name, [value]))
        }
    }

    /// Adds a line below the table.
    package func note(_ line: String) { notes.append(line) }

    /// Checks a promise: that a figure is lower than another one, or than so many times it.
    package func expect(_ name: String, below other: String, times factor: Double = 1) {
        guard let one = median(name), let two = median(other), one >= factor * two else { return }
        broken.append("\(name) is \(text(one)), and has to be below the \(text(factor * two)) that come of \(other)")
    }

    /// Checks a promise: that a figure lies in a range.
    package func expect(_ name: String, in range: ClosedRange<Double>) {
        guard let one = median(name), !range.contains(one) else { return }
        broken.append(
            "\(name) is \(text(one)), and has to be from \(text(range.lowerBound)) to \(text(range.upperBound))"
        )
    }

    /// Adds a figure that is a promise.
    package func expect(_ name: String, _ value: Double, toBe expected: Double) {
        add(name, value)
        if value != expected { broken.append("\(name) is \(value), and has to be \(expected)") }
    }

    /// Keeps a result from being optimised away.
    package func keep(_ sum: Int) { checksum &+= sum }

    private func median(_ name: String) -> Double? {
        samples.first { $0.name == name }.map { $0.values.sorted()[$0.values.count / 2] }
    }

    /// Prints the table and the last line.
    ///
    /// - Returns: Whether all promises held.
    package func finish() -> Bool {
        print("figure".padded(to: 32), "median".padded(to: 12), "lowest".padded(to: 12), "highest")
        var result: [String: Double] = [:]
        for (name, values) in samples {
            let median = median(name) ?? .nan
            result[name] = (median * 100).rounded() / 100
            print(
                name.padded(to: 32),
                text(median).padded(to: 12),
                text(values.min() ?? .nan).padded(to: 12),
                text(values.max() ?? .nan)
            )
        }
        for line in notes { print(line) }
        for line in broken { print("Broken: \(line)") }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        if let json = try? encoder.encode(result) { print("RESULT \(String(decoding: json, as: UTF8.self))") }
        return broken.isEmpty
    }

    private func text(_ value: Double) -> String { String(format: "%.2f", value) }
}

extension String {
    fileprivate func padded(to length: Int) -> String {
        padding(toLength: max(length, count), withPad: " ", startingAt: 0)
    }
}
