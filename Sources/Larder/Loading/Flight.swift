/// One load or write of one key that is under way, and the callers who wait for it.
///
/// The lock of the ``FlightTable`` guards everything in it that changes.
final class Flight<Key: CacheKey, Value: Sendable>: @unchecked Sendable {
    // Safe to share: all variables are touched only while the table's lock is held.

    enum Phase {
        /// Reading the store or asking the loader. An invalidation detaches the flight and goes ahead.
        case loading
        /// Writing the loaded value into the tiers. An invalidation waits until that is done.
        case storing
        /// A caller writes or removes the key. Reads and writes wait until that is done.
        case writing
    }

    let key: Key

    /// How long, in nanoseconds, each who leads the flight may take.
    let patience: UInt64

    /// When the flight is abandoned; never, for a write.
    var deadline: UInt64

    var phase: Phase

    /// Whether the flight lost its key to an invalidation, a write, its deadline, or the leaving of all waiters:
    /// its result is for those who wait already, and is not stored.
    var isDetached = false

    /// Those who wait, in the order in which they came; some may have left.
    var waiters: [Waiter<Key, Value>] = []

    /// How many of the waiters have not left.
    var waiting = 0

    /// Cancels the load of a flight that runs in a task of its own, once nobody waits for it.
    var cancelLoad: (@Sendable () -> Void)?

    init(key: Key, phase: Phase, now: UInt64, patience: UInt64) {
        self.key = key
        self.phase = phase
        self.patience = patience
        let (deadline, overflow) = now.addingReportingOverflow(patience)
        self.deadline = overflow ? .max : deadline
    }
}

/// What a waiter is told.
enum Turn<Key: CacheKey, Value: Sendable>: Sendable {
    /// Here is the result.
    case answer(Answer<Value>)
    /// The load failed.
    case failure(any Error)
    /// The one who led the flight is gone: lead it.
    case lead(Flight<Key, Value>)
    /// Nothing came of it: begin again.
    case retry
    /// The waiter's task was cancelled.
    case cancelled
}

/// One caller who waits for a flight.
///
/// Its state lives here and not in the table, so that no order of cancelling, parking and answering can leave
/// anything behind.
final class Waiter<Key: CacheKey, Value: Sendable>: @unchecked Sendable {
    // Safe to share: `state` is touched only while the table's lock is held.

    enum State {
        /// In the list, but not suspended yet.
        case joined
        /// Suspended.
        case parked(UnsafeContinuation<Turn<Key, Value>, Never>)
        /// Told its turn before it was suspended.
        case told(Turn<Key, Value>)
        /// Done, one way or another.
        case left
    }

    let flight: Flight<Key, Value>
    var state = State.joined

    init(_ flight: Flight<Key, Value>) {
        self.flight = flight
    }
}
