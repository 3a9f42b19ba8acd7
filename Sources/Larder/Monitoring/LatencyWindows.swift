import MemoryCache

/// How long things took in the last 1, 5, 15 and 60 minutes and 24 hours, in memory that does not grow with time or
/// traffic: 57 histograms, 140 KB.
///
/// Each window is made of slices: 6 of ten seconds, 15 of a minute, 12 of five minutes, and 24 of an hour. The newest
/// slice is under way, so that a window reaches back by up to one slice less than its name says, and never by more.
///
/// A value type without a lock.
package struct LatencyWindows: Sendable {
    private var tenSeconds = SliceRing(slices: 6, length: .seconds(10))
    private var minutes = SliceRing(slices: 15, length: .seconds(60))
    private var fiveMinutes = SliceRing(slices: 12, length: .seconds(300))
    private var hours = SliceRing(slices: 24, length: .seconds(3_600))

    package init() {}

    /// Records a duration.
    ///
    /// - Parameters:
    ///   - duration: The duration.
    ///   - now: The time since some fixed moment, never less than before.
    /// - Complexity: O(1).
    package mutating func record(_ duration: Duration, at now: Duration) {
        tenSeconds.record(duration, at: now)
        minutes.record(duration, at: now)
        fiveMinutes.record(duration, at: now)
        hours.record(duration, at: now)
    }

    /// What was recorded in a window that ends now.
    package func histogram(_ window: StatisticsWindow, at now: Duration) -> LatencyHistogram {
        steps(window, at: now).values.reduce(into: LatencyHistogram(), +=)
    }

    /// What was recorded in each step of a window that ends now, by the number of the step.
    package func steps(_ window: StatisticsWindow, at now: Duration) -> [Int: LatencyHistogram] {
        ring(window).slices(ofLast: window.steps, at: now)
    }

    private func ring(_ window: StatisticsWindow) -> SliceRing {
        switch window {
        case .oneMinute: tenSeconds
        case .fiveMinutes, .fifteenMinutes: minutes
        case .oneHour: fiveMinutes
        case .oneDay: hours
        }
    }
}

/// The newest slices of time, each with a histogram.
private struct SliceRing: Sendable {
    private let length: Duration
    private var slices: [(number: Int, histogram: LatencyHistogram)]

    init(slices count: Int, length: Duration) {
        self.length = length
        slices = Array(repeating: (-1, LatencyHistogram()), count: count)
    }

    mutating func record(_ duration: Duration, at now: Duration) {
        let number = number(at: now)
        let place = number % slices.count
        if slices[place].number != number { slices[place] = (number, LatencyHistogram()) }
        slices[place].histogram.record(duration)
    }

    func slices(ofLast count: Int, at now: Duration) -> [Int: LatencyHistogram] {
        let newest = number(at: now)
        var found: [Int: LatencyHistogram] = [:]
        for slice in slices where slice.number >= 0 && (newest - count + 1...newest).contains(slice.number) {
            found[slice.number] = slice.histogram
        }
        return found
    }

    private func number(at now: Duration) -> Int { max(0, Int(now.wholeNanoseconds / length.wholeNanoseconds)) }
}
