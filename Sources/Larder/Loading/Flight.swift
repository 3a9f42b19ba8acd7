import MemoryCache

/// One load or write of one key that is under way, and the callers who wait for it.
///
/// Its alarm is the deadline at which it is abandoned.
final class Flight<Key: CacheKey, Value: Sendable>: Alarm, @unchecked Sendable {
    // Safe to share: all variables are touched only while the table's lock is held.

    enum Phase {
        /// Reading the store or asking the loader. An invalidation detaches the flight and goes ahead.
        case loading
        /// Writing the loaded value into the tiers. An invalidation waits until that is done.
        case storing
        /// What was loaded is in memory and is known to all who waited, and is on its way into the store.
        case filling
        /// A caller writes or removes the key. Reads and writes wait until that is done.
        case writing
        /// All has been told.
        case over
    }

    let key: Key

    /// When it was opened, if it loads.
    let opened: UInt64

    /// How long, in nanoseconds, each who leads the flight may take.
    let patience: UInt64

    var phase: Phase

    /// Whether the flight lost its key to an invalidation, a write, its deadline, or the leaving of all waiters:
    /// its result is for those who wait already, and is not stored.
    var isDetached = false

    /// A stale copy from the store, for those who do not wait any longer.
    var fallback: LiveEntry<Value>?

    /// Those who wait, in the order in which they came; some may have left.
    var waiters: [Waiter<Key, Value>] = []

    /// How many of the waiters have not left.
    var waiting = 0

    /// The newest record of the invalidation log when the flight was opened, or an older one.
    var began: LogMark

    /// Says whether the result has been touched by an invalidation; those who came after that do not take it.
    var validity: ResultValidity?

    /// Whether the load goes on when nobody waits for it.
    var goesOnAlone = false

    /// Cancels the load of a flight that runs in a task of its own, once nobody waits for it.
    var cancelLoad: (@Sendable () -> Void)?

    /// Gives back the leave to ask the origin.
    var releasePermit: (@Sendable () -> Void)?

    /// Drops the fill of a flight that is filling, unless it is being made.
    var dropFill: (@Sendable () -> Void)?

    /// Puts the load before those in the background, while it waits for leave to ask the origin.
    var comeForward: (@Sendable () -> Void)?

    /// The highest priority of those who wait, and the task that loads.
    var priority = TaskPriority.background
    var escalation: Escalation?

    init(key: Key, phase: Phase, opened: UInt64, patience: UInt64, began: LogMark) {
        self.opened = opened
        self.began = began
        self.key = key
        self.phase = phase
        self.patience = patience
    }

    /// Whether the result may be older than an invalidation that a waiter came after.
    func comesTooEarly(for waiter: Waiter<Key, Value>) -> Bool {
        guard let validity, waiter.mark > validity.mark else { return false }
        return validity.isTouched()
    }

    /// The end of the time of one who leads from now on.
    func deadline(from now: UInt64) -> UInt64 {
        let (deadline, overflow) = now.addingReportingOverflow(patience)
        return overflow ? Deadline.never : deadline
    }
}

/// What tells whether the result of a flight was touched while the flight was under way.
struct ResultValidity: Sendable {
    /// The newest record of the invalidation log of which the result knows.
    let mark: LogMark
    let isTouched: @Sendable () -> Bool
}
