import Foundation

/// What a run has found.
struct CheckOutcome {
    var objects: Int
    var invalidations: Int
    /// How many objects carried a tag that was invalidated.
    var touched: Int
    var notRefetched: Int
    var wronglyRefetched: Int
    /// What was older than an invalidation that had returned longer ago than the stated lag.
    var stale: Int
    var medianDelay: Duration
    var longestDelay: Duration
    var seconds: Double

    var isGood: Bool { notRefetched == 0 && wronglyRefetched == 0 && stale == 0 }

    func print() {
        let milliseconds = { (duration: Duration) in String(format: "%.1f", duration / .milliseconds(1)) }
        Swift.print(
            """
            objects, three tags each          \(objects)
            invalidations by tag              \(invalidations), in \(String(format: "%.1f", seconds)) s under load
            objects touched                   \(touched)
            touched and not fetched again     \(notRefetched)
            fetched again without being so    \(wronglyRefetched)
            stale after the stated lag        \(stale)
            from return to fresh, median      \(milliseconds(medianDelay)) ms
            longest                           \(milliseconds(longestDelay)) ms
            RESULT {"objects": \(objects), "invalidations": \(invalidations), "touched": \(touched), \
            "not_refetched": \(notRefetched), "wrongly_refetched": \(wronglyRefetched), "stale": \(stale), \
            "delay_p50_ms": \(milliseconds(medianDelay)), "delay_max_ms": \(milliseconds(longestDelay))}
            """
        )
    }
}
