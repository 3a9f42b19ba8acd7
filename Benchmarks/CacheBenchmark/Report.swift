import Foundation

/// Collects figures, and prints their medians.
final class Report {
    private var samples: [(name: String, values: [Double])] = []
    private var broken: [String] = []
    private var checksum = 0

    /// Adds a sample of a figure.
    func add(_ name: String, _ value: Double) {
        if let index = samples.firstIndex(where: { $0.name == name }) {
            samples[index].values.append(value)
        } else {
            samples.append((name, [value]))
        }
    }

    /// Adds a figure that is a promise.
    func expect(_ name: String, _ value: Double, toBe expected: Double) {
        add(name, value)
        if value != expected { broken.append("\(name) is \(value), and has to be \(expected)") }
    }

    /// Keeps a result from being optimised away.
    func keep(_ sum: Int) { checksum &+= sum }

    /// Prints the table and the last line.
    ///
    /// - Returns: Whether all promises held.
    func finish() -> Bool {
        print("figure".padded(to: 24), "median".padded(to: 12), "lowest".padded(to: 12), "highest")
        var result: [String: Double] = [:]
        for (name, values) in samples {
            let sorted = values.sorted()
            let median = sorted[sorted.count / 2]
            result[name] = (median * 100).rounded() / 100
            print(
                name.padded(to: 24),
                text(median).padded(to: 12),
                text(sorted[0]).padded(to: 12),
                text(sorted.last ?? 0)
            )
        }
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
