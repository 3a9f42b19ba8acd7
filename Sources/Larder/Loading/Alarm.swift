import MemoryCache

/// Something that happens at a deadline, unless it is taken back before.
class Alarm<Key: CacheKey, Value: Sendable>: Hashable, @unchecked Sendable {
    // Safe to share: all variables, here and in subclasses, are touched only while the lock of the table is held.

    /// When it is due, if it is watched.
    var deadline = Deadline.never

    /// Does what is due.
    func ring(in state: inout FlightTable<Key, Value>.State, at now: UInt64, _ aftermath: inout Aftermath<Key, Value>) {
    }

    static func == (left: Alarm, right: Alarm) -> Bool { left === right }

    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

extension FlightTable.State {
    /// The earliest deadline, or never.
    var nextDeadline: UInt64 { alarms.first?.rank ?? Deadline.never }

    /// Sets an alarm, or sets it to another deadline.
    mutating func set(_ alarm: Alarm<Key, Value>, to deadline: UInt64) {
        alarm.deadline = deadline
        alarms.setRank(deadline == Deadline.never ? nil : deadline, of: alarm)
    }

    /// Takes an alarm back; does nothing if it is not set.
    mutating func cancel(_ alarm: Alarm<Key, Value>) {
        if !alarms.isEmpty { alarms.setRank(nil, of: alarm) }
    }

    /// Takes out the earliest alarm that is due.
    mutating func popDue(at now: UInt64) -> Alarm<Key, Value>? {
        guard let first = alarms.first, first.rank <= now else { return nil }
        cancel(first.element)
        return first.element
    }
}
