/// What a waiter is told.
enum Turn<Key: CacheKey, Value: Sendable>: Sendable {
    /// Here is the result.
    case answer(Answer<Value>)
    /// The load failed.
    case failure(any Error)
    /// The load passed its deadline; here is a stale copy, if there is one.
    case abandoned(LiveEntry<Value>?)
    /// The one who led the flight is gone: lead it.
    case lead(Flight<Key, Value>)
    /// Nothing came of it: begin again.
    case retry
    /// The waiter's task was cancelled.
    case cancelled
}

/// One caller who waits for a flight.
///
/// Its state lives here and not in the table, so that no order of cancelling, parking and telling can leave
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

/// What is to be done once the lock of the table is free.
struct Aftermath<Key: CacheKey, Value: Sendable> {
    private var resumptions: [(UnsafeContinuation<Turn<Key, Value>, Never>, Turn<Key, Value>)] = []
    private var cancellations: [@Sendable () -> Void] = []

    /// Tells a waiter its turn: at once if it is not suspended yet, or else afterwards.
    mutating func tell(_ waiter: Waiter<Key, Value>, _ turn: Turn<Key, Value>) {
        switch waiter.state {
        case .joined:
            waiter.state = .told(turn)
        case .parked(let continuation):
            waiter.state = .left
            resumptions.append((continuation, turn))
        case .told, .left:
            break
        }
    }

    mutating func cancelLoad(of flight: Flight<Key, Value>) {
        if let cancel = flight.cancelLoad { cancellations.append(cancel) }
    }

    func carryOut() {
        for (continuation, turn) in resumptions { continuation.resume(returning: turn) }
        for cancel in cancellations { cancel() }
    }
}
