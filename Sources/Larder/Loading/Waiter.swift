import MemoryCache

/// What a waiter is told.
enum Turn<Key: CacheKey, Value: Sendable>: Sendable {
    /// Here is the result.
    case answer(CacheResult<Value>)
    /// The load failed.
    case failure(any Error)
    /// The load passed its deadline; here is a stale copy, if there is one.
    case abandoned(LiveEntry<Value>?)
    /// The waiter's own timeout has come; here is a stale copy, if there is one.
    case overdue(LiveEntry<Value>?)
    /// The one who led the flight is gone: lead it.
    case lead(Flight<Key, Value>)
    /// Nothing came of it: begin again.
    case retry
    /// The waiter's task was cancelled.
    case cancelled
}

/// How long one caller waits.
struct Patience: Sendable {
    /// When a caller for whom there is a stale copy has waited long enough.
    var soft = Deadline.never

    /// When any caller has.
    var hard = Deadline.never

    /// Whether memory has a stale copy for this caller.
    var hasCopy = false

    static let endless = Patience()
}

/// One caller who waits for a flight.
///
/// Its state lives here and not in the table, so that no order of cancelling, parking and telling can leave
/// anything behind. Its alarm is its timeout.
final class Waiter<Key: CacheKey, Value: Sendable>: Alarm, @unchecked Sendable {
    // Safe to share: all variables are touched only while the table's lock is held.

    enum State {
        /// In the list, but not suspended yet.
        case joined
        /// Suspended.
        case parked(UnsafeContinuation<Turn<Key, Value>, Never>)
        /// Told its turn before it was suspended.
        case told(Turn<Key, Value>)
        /// Done, one way or another.
        case left

        /// Whether nothing more is to be told.
        var isOver: Bool {
            switch self {
            case .joined, .parked: false
            case .told, .left: true
            }
        }

        /// Whether the waiter is suspended.
        var isParked: Bool {
            if case .parked = self { true } else { false }
        }
    }

    let flight: Flight<Key, Value>
    let patience: Patience

    /// The newest record of the invalidation log when the waiter came.
    let mark: LogMark

    var state = State.joined

    init(_ flight: Flight<Key, Value>, _ patience: Patience, _ mark: LogMark) {
        self.mark = mark
        self.flight = flight
        self.patience = patience
    }

    /// Whether the waiter takes a stale copy as soon as there is one.
    func prefersCopy(at now: UInt64) -> Bool { patience.soft <= now }

    /// What is due next.
    var nextDeadline: UInt64 {
        patience.hasCopy || flight.fallback != nil ? min(patience.soft, patience.hard) : patience.hard
    }
}

/// What is to be done once the lock of the table is free.
///
/// Not generic, for the same reason as ``Alarm``.
struct Aftermath {
    private var resumptions: [() -> Void] = []
    private var actions: [@Sendable () -> Void] = []

    /// Tells a waiter its turn: at once if it is not suspended yet, or else afterwards.
    mutating func tell<Key, Value>(_ waiter: Waiter<Key, Value>, _ turn: Turn<Key, Value>) {
        switch waiter.state {
        case .joined:
            waiter.state = .told(turn)
        case .parked(let continuation):
            waiter.state = .left
            resumptions.append { continuation.resume(returning: turn) }
        case .told, .left:
            break
        }
    }

    mutating func perform(_ action: (@Sendable () -> Void)?) {
        if let action { actions.append(action) }
    }

    func carryOut() {
        for resume in resumptions { resume() }
        for action in actions { action() }
    }
}
