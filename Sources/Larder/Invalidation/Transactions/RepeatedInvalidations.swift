/// Invalidations that are made a second time after a delay, for origins whose replicas lag behind.
///
/// A load right after an invalidation may read from a replica that does not know of the change yet. The second
/// invalidation, after the longest lag, takes such a value away.
///
/// A value type without a clock: times are durations since a moment of the caller's choice. It is bounded: what no
/// longer fits becomes an invalidation of the namespaces as a whole.
package struct RepeatedInvalidations: Sendable {
    private let limit: Int
    private var pending: [(due: Duration, records: [InvalidationRecord])] = []
    private var count = 0
    private var overflow: (due: Duration, records: InvalidationCollector)?

    package init(limit: Int = 10_000) {
        self.limit = max(limit, 1)
    }

    /// How many records wait.
    package var pendingCount: Int { count + (overflow == nil ? 0 : 1) }

    /// When the next records are due.
    package var nextDue: Duration? {
        [pending.first?.due, overflow?.due].compactMap { $0 }.min()
    }

    /// Notes records that were appended.
    ///
    /// - Parameters:
    ///   - records: What was invalidated.
    ///   - due: When to do so again; not earlier than what was noted before.
    package mutating func add(_ records: [InvalidationRecord], due: Duration) {
        guard count + records.count > limit else {
            pending.append((due, records))
            count += records.count
            return
        }
        // The latest due time serves all of them: a repetition may be late, but must not be early.
        var collector = overflow?.records ?? InvalidationCollector()
        for record in records {
            collector.collect(InvalidationRecord(.everything, in: record.namespace, isSoft: record.isSoft))
        }
        overflow = (max(due, overflow?.due ?? due), collector)
    }

    /// Takes out what is due.
    package mutating func take(at now: Duration) -> [InvalidationRecord] {
        let due = pending.prefix { $0.due <= now }
        pending.removeFirst(due.count)
        var records = due.flatMap(\.records)
        count -= records.count
        if var last = overflow, last.due <= now {
            records += last.records.take()
            overflow = nil
        }
        return records
    }
}
