import MemoryCache

/// How the calls of the last seconds went.
struct CallWindow {
    /// Calls, and what is to be said against them.
    struct Tally: Equatable {
        var calls = 0
        var failures = 0
        var slowCalls = 0
    }

    private struct Bucket {
        var period: UInt64 = 0
        var tally = Tally()
    }

    private var buckets: [Bucket]
    private let width: UInt64
    private var latest: UInt64 = 0

    /// Makes an empty window.
    init(length: Duration, buckets: Int) {
        self.buckets = Array(repeating: Bucket(), count: buckets)
        width = max(1, UInt64(clamping: length.wholeNanoseconds) / UInt64(buckets))
    }

    /// Counts a call that ended now.
    mutating func count(isFailure: Bool, isSlow: Bool, now: UInt64) {
        // Threads read the clock before they take the lock, so `now` may lie a little before the latest call.
        latest = max(latest, now / width)
        let index = Int(latest % UInt64(buckets.count))
        if buckets[index].period != latest { buckets[index] = Bucket(period: latest) }
        buckets[index].tally.calls += 1
        if isFailure { buckets[index].tally.failures += 1 }
        if isSlow { buckets[index].tally.slowCalls += 1 }
    }

    /// The calls that the window holds now.
    func tally(now: UInt64) -> Tally {
        let end = max(latest, now / width) + 1
        return buckets.reduce(into: Tally()) { sum, bucket in
            guard bucket.period + UInt64(buckets.count) >= end else { return }
            sum.calls += bucket.tally.calls
            sum.failures += bucket.tally.failures
            sum.slowCalls += bucket.tally.slowCalls
        }
    }

    /// Forgets all calls.
    mutating func clear() {
        for index in buckets.indices { buckets[index] = Bucket() }
    }
}
