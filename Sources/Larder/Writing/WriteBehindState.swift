import MemoryCache

/// What the tasks of a ``WriteBehindCache`` share, under its lock.
struct WriteBehindState<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    enum Phase: Sendable {
        case open
        /// Handing over what is pending until a moment.
        case draining(until: UInt64)
        /// No further writes; the reason.
        case closed(CacheError)
    }

    var pending: PendingWrites<Key, Value>
    var phase = Phase.open

    /// What was acknowledged and is still to be saved.
    var unsaved: [(record: JournalRecord, key: Key)] = []

    /// Callers who wait for room.
    var crowd = WaitingLine()
    /// Callers who wait until nothing is pending.
    var idlers = WaitingLine()
    /// Callers who wait for the sink, by the number of their write.
    var direct: [UInt64: CheckedContinuation<Void, any Error>] = [:]

    /// Until when the drain sleeps.
    var sleepsUntil: UInt64 = 0

    /// Whether the last call of the journal failed.
    var isJournalFailing = false

    /// Whether the drain has ended.
    var hasEnded = false

    /// How many writes have left since the start, in any way.
    var departures = 0

    /// The error of calls that come too late.
    var closure: CacheError? {
        if case .closed(let error) = phase { return error }
        return nil
    }

    /// Whether the drain sleeps past the moment when it has something to do.
    mutating func overslept(now: UInt64) -> Bool {
        guard pending.nextMoment(now: now) < sleepsUntil else { return false }
        // One signal is enough.
        sleepsUntil = 0
        return true
    }
}
