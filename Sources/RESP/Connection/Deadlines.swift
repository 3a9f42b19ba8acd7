import NIOCore

/// When calls are due, for all calls of a connection together.
///
/// All calls have the same timeout, so their deadlines come in the order of the calls. Instead of one deadline each,
/// the calls of a short span of time share one: an entry says that all calls up to a number are due at a moment.
/// There are at most about 65 entries, however many calls there are.
struct Deadlines: Sendable {
    private struct Entry {
        var lastCall: UInt64
        var due: Int64
    }

    private var entries = CircularBuffer<Entry>()
    private var newestCall: UInt64 = 0

    /// When the oldest calls are due, in nanoseconds of the caller's clock.
    var earliest: Int64? { entries.first?.due }

    /// Gives a deadline to all calls up to a number that have none.
    ///
    /// - Parameters:
    ///   - call: The number of the newest call.
    ///   - now: The time, in nanoseconds.
    ///   - timeout: How long the calls may take, in nanoseconds; they get up to a 64th more.
    mutating func add(_ call: UInt64, now: Int64, timeout: Int64) {
        guard call > newestCall else { return }
        newestCall = call
        let step = max(timeout / 64, 1)
        let due = ((now + timeout) / step + 1) * step
        if let last = entries.last, last.due == due {
            entries[entries.index(before: entries.endIndex)].lastCall = call
        } else {
            entries.append(Entry(lastCall: call, due: due))
        }
    }

    /// Takes out the deadlines that have passed.
    ///
    /// - Returns: The last call that is late, and when the first one was due.
    mutating func removePassed(now: Int64) -> (lastCall: UInt64, due: Int64)? {
        guard let first = entries.first, first.due <= now else { return nil }
        var lastCall = first.lastCall
        while let entry = entries.first, entry.due <= now {
            lastCall = entry.lastCall
            entries.removeFirst()
        }
        return (lastCall, first.due)
    }
}
