/// What a namespace had counted at some moments of the last day, so that what it did in a window can be told: 58
/// readings, whatever the traffic.
///
/// A value type without a lock.
struct StatisticsHistory: Sendable {
    /// The readings at the beginnings of the newest steps.
    private struct Ring: Sendable {
        let window: StatisticsWindow
        var readings: [(step: Int, statistics: CacheStatistics)] = []

        mutating func note(_ statistics: CacheStatistics, at now: Duration) {
            let step = window.step(at: now)
            guard readings.last.map({ $0.step < step }) ?? true else { return }
            readings.append((step, statistics))
            if readings.count > window.steps { readings.removeFirst() }
        }

        /// The oldest reading of a window.
        func reading(_ window: StatisticsWindow, at now: Duration) -> CacheStatistics? {
            let oldest = window.step(at: now) - window.steps + 1
            return readings.first { $0.step >= oldest }?.statistics
        }
    }

    private var rings = [
        Ring(window: .oneMinute), Ring(window: .fifteenMinutes), Ring(window: .oneHour), Ring(window: .oneDay),
    ]

    /// Takes a reading, unless there is one of the step already.
    ///
    /// - Parameters:
    ///   - statistics: What was counted so far.
    ///   - now: The time since some fixed moment, never less than before.
    mutating func note(_ statistics: CacheStatistics, at now: Duration) {
        for index in rings.indices { rings[index].note(statistics, at: now) }
    }

    /// What was counted in a window that ends now.
    ///
    /// - Parameters:
    ///   - window: The window.
    ///   - statistics: What was counted so far.
    ///   - now: The time.
    /// - Returns: The difference of the counts, and what is now of all else.
    func statistics(_ window: StatisticsWindow, of statistics: CacheStatistics, at now: Duration) -> CacheStatistics {
        let ring = rings.first { $0.window.step == window.step }
        return statistics.since(ring?.reading(window, at: now) ?? statistics)
    }

    /// What was counted in each step of a window, by the number of the step; steps without a reading belong to those
    /// before them.
    ///
    /// - Parameters:
    ///   - window: The window.
    ///   - statistics: What was counted so far.
    ///   - now: The time.
    /// - Returns: The differences of the counts, and what was at the end of the step of all else.
    func steps(_ window: StatisticsWindow, of statistics: CacheStatistics, at now: Duration) -> [Int: CacheStatistics] {
        let newest = window.step(at: now)
        let readings = rings.first { $0.window.step == window.step }?.readings ?? []
        let ends = readings.dropFirst().map(\.statistics) + [statistics]
        var steps: [Int: CacheStatistics] = [:]
        for (reading, end) in zip(readings, ends) where reading.step > newest - window.steps {
            steps[reading.step] = end.since(reading.statistics)
        }
        return steps
    }
}
