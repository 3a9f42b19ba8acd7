import Foundation

/// How numbers are written for people.
package enum Figure {
    /// A share as a percentage, with one digit behind the point, such as `12.5 %`.
    package static func percent(_ share: Double?) -> String {
        guard let share else { return "–" }
        return String(format: "%.1f %%", 100 * share)
    }

    /// A number with its thousands set apart, such as `12,500`.
    package static func count(_ number: Int) -> String {
        let digits = String(number.magnitude)
        let first = digits.count % 3
        var groups = first > 0 ? [String(digits.prefix(first))] : []
        var rest = digits.dropFirst(first)
        while !rest.isEmpty {
            groups.append(String(rest.prefix(3)))
            rest = rest.dropFirst(3)
        }
        return (number < 0 ? "-" : "") + groups.joined(separator: ",")
    }

    /// A number with what it has behind the point, as far as that counts.
    package static func decimal(_ number: Double) -> String {
        let isWhole = abs(number) >= 100 || number == number.rounded()
        return isWhole ? count(Int(number.rounded())) : String(format: abs(number) >= 10 ? "%.1f" : "%.2f", number)
    }

    /// A time, in the unit that suits it, such as `1.50 ms` or `2.0 h`.
    package static func duration(_ seconds: Double?) -> String {
        guard let seconds else { return "–" }
        let units: [(limit: Double, size: Double, name: String)] = [
            (1e-6, 1e-9, "ns"), (1e-3, 1e-6, "µs"), (1, 1e-3, "ms"), (120, 1, "s"), (7_200, 60, "min"),
            (172_800, 3_600, "h"),
        ]
        guard seconds > 0 else { return "0 s" }
        let (size, name) = units.first { seconds < $0.limit }.map { ($0.size, $0.name) } ?? (86_400, "days")
        let number = seconds / size
        let isWhole = abs(number - number.rounded()) < 1e-6
        return (isWhole ? count(Int(number.rounded())) : String(format: number >= 100 ? "%.0f" : "%.3g", number)) + " "
            + name
    }

    /// An amount of memory, such as `12.5 MiB`.
    package static func bytes(_ bytes: Int?) -> String {
        guard let bytes else { return "–" }
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        var (number, unit) = (Double(bytes), 0)
        while number >= 1_024, unit < units.count - 1 { (number, unit) = (number / 1_024, unit + 1) }
        return (unit == 0 ? "\(bytes)" : String(format: "%.1f", number)) + " " + units[unit]
    }
}
