import Foundation

/// Measures single operations by the processor time of the calling thread, so that what the machine does meanwhile for
/// others does not count; page faults and the waiting for a lock do.
struct Meter {
    private(set) var worst = 0.0
    private(set) var sum = 0.0
    private(set) var count = 0
    private var last = 0.0

    /// Runs an operation and takes its time.
    @inline(__always)
    mutating func time(_ operation: () -> Void) {
        begin()
        operation()
        lap()
    }

    /// Begins a row of operations that follow on each other.
    @inline(__always)
    mutating func begin() { last = Self.now }

    /// Ends an operation, and begins the next.
    @inline(__always)
    mutating func lap() {
        let now = Self.now
        worst = max(worst, now - last)
        sum += now - last
        count += 1
        last = now
    }

    /// Nanoseconds per operation.
    var mean: Double { sum / Double(max(1, count)) }

    private static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }
}
