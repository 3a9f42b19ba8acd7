/// Counts durations in buckets whose width grows with the duration, so that a quantile is off by 3 % at most.
struct LatencyHistogram: Sendable {
    /// What is told of a histogram, in milliseconds.
    struct Summary: Codable, Hashable, Sendable {
        let p50: Double
        let p99: Double
        let maximum: Double
    }

    /// 32 buckets for each doubling of the duration.
    private static let stepBits = 5

    private var counts = [Int](repeating: 0, count: (64 - stepBits) << stepBits)
    private(set) var count = 0
    private var maximum: UInt64 = 0

    /// Counts a duration; a negative one counts as zero.
    mutating func record(_ duration: Duration) {
        let nanoseconds = UInt64(Swift.max(0, duration.inSeconds * 1e9))
        counts[Self.bucket(of: nanoseconds)] += 1
        count += 1
        maximum = Swift.max(maximum, nanoseconds)
    }

    /// Adds the counts of another histogram.
    mutating func add(_ other: LatencyHistogram) {
        for bucket in counts.indices { counts[bucket] += other.counts[bucket] }
        count += other.count
        maximum = Swift.max(maximum, other.maximum)
    }

    /// The duration that a share of all, from 0 to 1, does not exceed, in milliseconds; 0 if there are none.
    func quantile(_ share: Double) -> Double {
        let rank = Int((Double(count) * share).rounded(.up))
        var seen = 0
        for (bucket, number) in counts.enumerated() where number > 0 {
            seen += number
            if seen >= rank { return Double(Swift.min(Self.upperBound(of: bucket), maximum)) / 1e6 }
        }
        return 0
    }

    var summary: Summary {
        Summary(p50: quantile(0.5), p99: quantile(0.99), maximum: Double(maximum) / 1e6)
    }

    private static func bucket(of value: UInt64) -> Int {
        let exponent = 63 - (value | 1).leadingZeroBitCount
        guard exponent >= stepBits else { return Int(value) }
        let shift = exponent - stepBits
        return ((shift + 1) << stepBits) + Int(value >> UInt64(shift)) - (1 << stepBits)
    }

    private static func upperBound(of bucket: Int) -> UInt64 {
        guard bucket >= 1 << stepBits else { return UInt64(bucket) }
        let shift = (bucket >> stepBits) - 1
        let step = UInt64((bucket & ((1 << stepBits) - 1)) + (1 << stepBits))
        return ((step + 1) << UInt64(shift)) - 1
    }
}
