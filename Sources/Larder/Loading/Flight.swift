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

    /// A stale copy from the store, for those who wait if the load is abandoned.
    var fallback: LiveEntry<Value>?

    /// Those who wait, in the order in which they came; some may have left.
    var waiters: [Waiter<Key, Value>] = []

    /// How many of the waiters have not left.
    var waiting = 0

    /// Whether the load goes on when nobody waits for it.
    var isRefresh = false

    /// Cancels the load of a flight that runs in a task of its own, once nobody waits for it.
    var cancelLoad: (@Sendable () -> Void)?

    init(key: Key, phase: Phase, now: UInt64, patience: UInt64) {
        self.key = key
        self.phase = phase
        self.patience = patience
        self.deadline = Self.deadline(now, patience)
    }

    /// Gives whoever leads the flight from now on the whole of the time.
    func renewDeadline(at now: UInt64) {
        deadline = Self.deadline(now, patience)
    }

    private static func deadline(_ now: UInt64, _ patience: UInt64) -> UInt64 {
        let (deadline, overflow) = now.addingReportingOverflow(patience)
        return overflow ? .max : deadline
    }
}
