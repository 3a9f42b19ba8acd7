import AccessPrediction

/// The naive design that prediction is compared with: the plain mean of all intervals, and a load whenever it is over.
///
/// It never forgets a key.
struct MeanIntervalPlanner {
    private struct History {
        let first: Double
        var last: Double
        var intervals = 0.0
        /// When it is to be loaded; moments that were put off stay in the queue, and are passed over.
        var due = Double.infinity
    }

    private var histories: [UInt64: History] = [:]
    private var queue = MomentQueue<UInt64>()

    var nextMoment: Double? { queue.first }

    mutating func noteRequest(of key: UInt64, at now: Double) {
        guard var history = histories[key] else {
            histories[key] = History(first: now, last: now)
            return
        }
        history.intervals += 1
        history.last = now
        history.due = now + (now - history.first) / history.intervals
        if history.due > now { queue.insert(key, at: history.due) }
        histories[key] = history
    }

    /// A key whose next request is expected now.
    mutating func takeDue(at now: Double) -> UInt64? {
        while let (moment, key) = queue.popFirst(dueAt: now) {
            if histories[key]?.due == moment { return key }
        }
        return nil
    }
}
