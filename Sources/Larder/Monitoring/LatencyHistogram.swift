/// How long things took, in classes whose width is a sixteenth of their durations: from it come percentiles that are at
/// most 6.25 % too high and never too low, in 2.4 KB whatever was recorded.
///
/// The classes are those of HdrHistogram: whole nanoseconds below 16, then sixteen in each octave.
public struct LatencyHistogram: Hashable, Sendable {
    private static let bits = 4
    /// Durations of 2^41 nanoseconds (36 minutes) and more are counted as that.
    private static let octaves = 41
    private static let classes = (octaves - bits + 1) << bits

    /// The counts of the classes; nothing until something is recorded.
    private var counts: [UInt32] = []

    /// How many durations were recorded.
    public private(set) var count = 0

    /// The sum of all durations, each at most 36 minutes.
    public private(set) var sum = Duration.zero

    /// The longest duration, at most 36 minutes.
    public private(set) var maximum = Duration.zero

    /// Makes a histogram of nothing.
    public init() {}

    /// Records a duration.
    ///
    /// - Parameter duration: The duration; one below zero counts as zero.
    /// - Complexity: O(1).
    public mutating func record(_ duration: Duration) {
        if counts.isEmpty { counts = Array(repeating: 0, count: Self.classes) }
        let (seconds, attoseconds) = duration.components
        let limit: UInt64 = 1 << UInt64(Self.octaves) - 1
        let nanoseconds =
            seconds >= 4_000 ? limit : min(limit, UInt64(max(0, seconds * 1_000_000_000 + attoseconds / 1_000_000_000)))
        let index = Self.index(nanoseconds)
        counts[index] = counts[index] == .max ? .max : counts[index] + 1
        count += 1
        let taken = Duration.nanoseconds(Int64(nanoseconds))
        sum += taken
        maximum = max(maximum, taken)
    }

    /// The duration that a share of all did not exceed.
    ///
    /// - Parameter share: The share, from 0 to 1: 0.99 for the 99th percentile.
    /// - Returns: The longest duration of the class that it lies in, or the maximum if that is less; zero if nothing was
    ///   recorded.
    public func percentile(_ share: Double) -> Duration {
        guard count > 0 else { return .zero }
        let rank = max(1, Int((min(1, max(0, share)) * Double(count)).rounded(.up)))
        var seen = 0
        for (index, number) in counts.enumerated() {
            seen += Int(number)
            if seen >= rank { return min(maximum, .nanoseconds(Int64(Self.end(index)))) }
        }
        return maximum
    }

    /// The average; zero if nothing was recorded.
    public var mean: Duration { count == 0 ? .zero : sum / count }

    /// Adds what another histogram has counted.
    public static func += (left: inout LatencyHistogram, right: LatencyHistogram) {
        guard right.count > 0 else { return }
        if left.counts.isEmpty {
            left = right
            return
        }
        for index in left.counts.indices {
            let (total, overflow) = left.counts[index].addingReportingOverflow(right.counts[index])
            left.counts[index] = overflow ? .max : total
        }
        left.count += right.count
        left.sum += right.sum
        left.maximum = max(left.maximum, right.maximum)
    }

    private static func index(_ nanoseconds: UInt64) -> Int {
        guard nanoseconds >= 1 << UInt64(bits) else { return Int(nanoseconds) }
        let octave = 63 - nanoseconds.leadingZeroBitCount - bits
        return (octave + 1) << bits + Int(nanoseconds >> UInt64(octave)) - 1 << bits
    }

    /// The longest duration of a class, in nanoseconds.
    private static func end(_ index: Int) -> UInt64 {
        guard index >= 1 << bits else { return UInt64(index) }
        let octave = UInt64(index >> bits - 1)
        return (UInt64(index & (1 << bits - 1) + 1 << bits) + 1) << octave - 1
    }
}
