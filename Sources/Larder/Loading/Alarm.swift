import MemoryCache

/// Something that happens at a deadline, unless it is taken back before.
class Alarm<Key: CacheKey, Value: Sendable>: @unchecked Sendable {
    // Safe to share: all variables, here and in subclasses, are touched only while the lock of the table is held.

    /// When it is due.
    var deadline = Deadline.never

    /// Where it stands in the heap; -1 outside.
    fileprivate(set) var place = -1

    /// Does what is due.
    func ring(in state: inout FlightTable<Key, Value>.State, at now: UInt64, _ aftermath: inout Aftermath<Key, Value>) {
    }
}

/// Alarms by their deadlines, the earliest first: a binary heap whose elements know their place, so that one can be
/// taken out.
struct AlarmHeap<Key: CacheKey, Value: Sendable> {
    private var alarms: [Alarm<Key, Value>] = []

    /// The earliest deadline, or never.
    var deadline: UInt64 { alarms.first?.deadline ?? Deadline.never }

    var count: Int { alarms.count }

    /// Sets an alarm, or sets it to another deadline.
    mutating func set(_ alarm: Alarm<Key, Value>, to deadline: UInt64) {
        cancel(alarm)
        alarm.deadline = deadline
        guard deadline != Deadline.never else { return }
        alarms.append(alarm)
        alarm.place = alarms.count - 1
        rise(alarm.place)
    }

    /// Takes an alarm back; does nothing if it is not set.
    mutating func cancel(_ alarm: Alarm<Key, Value>) {
        guard alarm.place >= 0 else { return }
        let hole = alarm.place
        let last = alarms.removeLast()
        alarm.place = -1
        guard last !== alarm else { return }
        put(last, at: hole)
        rise(hole)
        sink(last.place)
    }

    /// Takes out the earliest alarm that is due.
    mutating func popDue(at now: UInt64) -> Alarm<Key, Value>? {
        guard let first = alarms.first, first.deadline <= now else { return nil }
        cancel(first)
        return first
    }

    private mutating func put(_ alarm: Alarm<Key, Value>, at place: Int) {
        alarms[place] = alarm
        alarm.place = place
    }

    private mutating func rise(_ start: Int) {
        var place = start
        let alarm = alarms[place]
        while place > 0, case let parent = (place - 1) / 2, alarms[parent].deadline > alarm.deadline {
            put(alarms[parent], at: place)
            place = parent
        }
        put(alarm, at: place)
    }

    private mutating func sink(_ start: Int) {
        var place = start
        let alarm = alarms[place]
        while true {
            var child = 2 * place + 1
            guard child < alarms.count else { break }
            if child + 1 < alarms.count, alarms[child + 1].deadline < alarms[child].deadline { child += 1 }
            guard alarms[child].deadline < alarm.deadline else { break }
            put(alarms[child], at: place)
            place = child
        }
        put(alarm, at: place)
    }
}
