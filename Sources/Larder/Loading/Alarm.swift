import MemoryCache

/// Something that happens at a deadline, unless it is taken back before.
///
/// Not generic, so that the heap of alarms is not either: loading costs a good part of its time in finding out types.
class Alarm: Hashable, @unchecked Sendable {
    // Safe to share: all variables, here and in subclasses, are touched only while the lock of the table is held.

    /// When it is due, if it is watched.
    final var deadline = Deadline.never

    /// Whether it is watched.
    final var isSet = false

    static func == (left: Alarm, right: Alarm) -> Bool { left === right }

    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// Alarms by their deadlines.
struct AlarmClock {
    private var alarms = IndexedHeap<Alarm>()

    /// The earliest deadline, or never.
    var nextDeadline: UInt64 { alarms.first?.rank ?? Deadline.never }

    var count: Int { alarms.count }

    /// Sets an alarm, or sets it to another deadline.
    mutating func set(_ alarm: Alarm, to deadline: UInt64) {
        alarm.deadline = deadline
        guard deadline != Deadline.never else { return cancel(alarm) }
        alarms.setRank(deadline, of: alarm)
        alarm.isSet = true
    }

    /// Takes an alarm back; does nothing if it is not set.
    mutating func cancel(_ alarm: Alarm) {
        guard alarm.isSet else { return }
        alarms.setRank(nil, of: alarm)
        alarm.isSet = false
    }

    /// Takes out the earliest alarm that is due.
    mutating func popDue(at now: UInt64) -> Alarm? {
        guard let first = alarms.first, first.rank <= now else { return nil }
        cancel(first.element)
        return first.element
    }
}
