import Foundation

/// A sequence of keys, the same for each measurement, of which few are frequent and many are rare.
struct Keys {
    let sequence: [Int]

    /// Draws keys by Zipf's law with an exponent of 0.99.
    init(among count: Int, length: Int = 500_000) {
        var cumulative: [Double] = []
        cumulative.reserveCapacity(count)
        var sum = 0.0
        for rank in 1...count {
            sum += pow(Double(rank), -0.99)
            cumulative.append(sum)
        }
        // Frequent keys shall not lie side by side.
        let scattered = (0..<count).map { ($0 &* 48_271) % count }
        sequence = (0..<length)
            .map { _ in
                let target = Double.random(in: 0..<sum)
                var low = 0
                var high = count - 1
                while low < high {
                    let middle = (low + high) / 2
                    if cumulative[middle] < target { low = middle + 1 } else { high = middle }
                }
                return scattered[low]
            }
    }

    /// The processor time of one call, in nanoseconds, when `body` is called with each key in turn.
    @inline(__always)
    func nanoseconds(_ body: (Int) throws -> Int) rethrows -> Double {
        let start = Self.processorTime
        var sum = 0
        for key in sequence { sum &+= try body(key) }
        return perCall(since: start, sum)
    }

    /// The processor time of one call, in nanoseconds, when `loop` makes one with each key in turn and returns their sum.
    ///
    /// The loop is the caller's, since a closure that awaits is not inlined into one.
    func awaitedNanoseconds(_ loop: ([Int]) async throws -> Int) async rethrows -> Double {
        let start = Self.processorTime
        let sum = try await loop(sequence)
        return perCall(since: start, sum)
    }

    private func perCall(since start: Double, _ sum: Int) -> Double {
        withExtendedLifetime(sum) { (Self.processorTime - start) / Double(sequence.count) }
    }

    private static var processorTime: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }
}
