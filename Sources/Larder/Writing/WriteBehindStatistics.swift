/// What a ``WriteBehindCache`` has done since it was made, and what is pending.
public struct WriteBehindStatistics: Hashable, Sendable {
    /// Writes that were accepted.
    public var accepted = 0
    /// Writes that were refused because too many were pending.
    public var refused = 0
    /// Writes that the sink has, each counted even where several became one.
    public var written = 0
    /// Writes that became one with an earlier write of their key.
    public var coalesced = 0
    /// Tries of a write that failed.
    public var failures = 0
    /// Tries that are to be repeated.
    public var retries = 0
    /// Writes that became dead letters.
    public var deadLetters = 0
    /// Calls that the journal failed.
    public var journalFailures = 0
    /// Calls of the sink.
    public var batches = 0
    /// How many writes the calls had.
    public var batchSizes = Distribution()
    /// How long the calls took, in microseconds.
    public var flushMicroseconds = Distribution()
    /// Writes that are pending now.
    public var pendingWrites = 0
    /// The bytes of their keys and values.
    public var pendingBytes = 0
    /// How long the oldest of them has been pending, or has been since the start.
    public var oldestAge = Duration.zero

    /// Makes statistics of nothing.
    public init() {}
}

/// How often numbers of a size came up, in classes that double.
public struct Distribution: Hashable, Sendable {
    /// How many numbers were recorded.
    public private(set) var count = 0
    /// Their sum.
    public private(set) var sum = 0
    /// The largest of them.
    public private(set) var maximum = 0

    /// How many numbers had a number of significant bits.
    private var classes = [Int](repeating: 0, count: 65)

    /// Makes a distribution of nothing.
    public init() {}

    /// Their average; 0 if there are none.
    public var mean: Double { count == 0 ? 0 : Double(sum) / Double(count) }

    /// A number that a share of them does not exceed, at most twice too large.
    ///
    /// - Parameter share: The share, from 0 to 1, such as 0.99.
    /// - Returns: The number; 0 if there are none.
    public func percentile(_ share: Double) -> Int {
        let rank = Int((Double(count) * min(max(share, 0), 1)).rounded(.up))
        var seen = 0
        for (bits, number) in classes.enumerated() {
            seen += number
            if seen >= rank, seen > 0 { return min(maximum, bits >= 63 ? .max : (1 << bits) - 1) }
        }
        return maximum
    }

    mutating func record(_ number: Int) {
        let number = max(0, number)
        count += 1
        sum &+= number
        maximum = max(maximum, number)
        classes[Int.bitWidth - number.leadingZeroBitCount] += 1
    }
}
