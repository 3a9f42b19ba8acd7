import Foundation

/// What was measured in one run of a workload.
struct Measurement {
    var operationsPerSecond: Double
    var cpuMicroseconds: Double
    var p50Microseconds: Double
    var p99Microseconds: Double

    /// Reads the line that the C program prints.
    init?(line: String) {
        let numbers = line.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
        guard numbers.count == 4 else { return nil }
        operationsPerSecond = numbers[0]
        cpuMicroseconds = numbers[1]
        p50Microseconds = numbers[2]
        p99Microseconds = numbers[3]
    }

    init(samples: [UInt32], elapsed: Duration, cpu: Duration) {
        let sorted = samples.sorted()
        operationsPerSecond = Double(samples.count) / (elapsed / .seconds(1))
        cpuMicroseconds = cpu / .microseconds(1) / Double(max(samples.count, 1))
        p50Microseconds = sorted.isEmpty ? .nan : Double(sorted[sorted.count / 2]) / 1_000
        p99Microseconds = sorted.isEmpty ? .nan : Double(sorted[sorted.count * 99 / 100]) / 1_000
    }

    /// The processor time of this process so far.
    static func cpuTime() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
