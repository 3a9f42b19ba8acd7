/// A capacity as it is written: a number of entries (or of weight), or a percentage of the distinct keys of a trace.
public enum Capacity: Hashable, Sendable {
    /// As many entries, or as much weight.
    case absolute(Int)
    /// A share of the distinct keys, or of the weight of all objects, in percent.
    case percentage(Double)

    /// Reads a capacity such as `1000`, `1_000` or `2.5%`.
    ///
    /// - Parameter text: The text.
    /// - Throws: ``SimulationError`` with the code `invalidCapacity`.
    public init(_ text: String) throws {
        let plain = text.filter { $0 != "_" }
        if plain.hasSuffix("%"), let percentage = Double(plain.dropLast()), percentage > 0, percentage <= 100 {
            self = .percentage(percentage)
        } else if let number = Int(plain), (1...Self.greatest).contains(number) {
            self = .absolute(number)
        } else {
            throw SimulationError(
                .invalidCapacity,
                "'\(text)' is no capacity. Write a number from 1 to \(Self.greatest), or a percentage such as 5%."
            )
        }
    }

    /// The capacity in numbers, at least 1.
    ///
    /// - Parameter total: How many distinct keys the trace has, or the weight of all objects.
    /// - Returns: The number of entries, or the weight.
    public func resolved(total: Int) -> Int {
        switch self {
        case .absolute(let number): number
        case .percentage(let percentage): max(1, Int((Double(total) * percentage / 100).rounded()))
        }
    }

    private static let greatest = 1 << 40
}
