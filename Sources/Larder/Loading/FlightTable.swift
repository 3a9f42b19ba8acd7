import MemoryCache

/// The loads and writes under way in one cache: at most one for each key that may change what is stored.
///
/// A caller who finds no flight of its key leads one; others wait for its result. The leader of a load runs the
/// loader in its own task; if that task is cancelled, the next waiter takes the lead with a loader of its own. A
/// write or removal takes the key from a load in progress, so that the load's result is not stored (the fence),
/// and callers who come later start anew.
///
/// Continuations are resumed, and loads cancelled, only after the lock is free; see ``Aftermath``.
final class FlightTable<Key: CacheKey, Value: Sendable>: Sendable {
    struct State {
        /// The flights that have their key.
        var flights: [Key: Flight<Key, Value>] = [:]

        /// The flights that lost their key while callers waited for them.
        var orphans: [ObjectIdentifier: Flight<Key, Value>] = [:]

        /// How many loads were abandoned at their deadline since the table was made.
        var abandoned = 0
    }

    /// What a caller does about its key.
    enum Entry: Sendable {
        case lead(Flight<Key, Value>)
        case wait(Waiter<Key, Value>)
    }

    private let state = Locked(State())
    let watch: DeadlineWatch

    init(watch: DeadlineWatch) {
        self.watch = watch
        watch.expire = { [weak self] now in self?.abandonFlights(at: now) }
    }

    /// Changes the state under the lock, then does what came of it.
    func update<Result>(_ body: (inout State, inout Aftermath<Key, Value>) -> Result) -> Result {
        var aftermath = Aftermath<Key, Value>()
        let result = state.withLock { body(&$0, &aftermath) }
        aftermath.carryOut()
        return result
    }

    /// The number of flights under way.
    var count: Int { state.withLock { $0.flights.count + $0.orphans.count } }

    /// How many loads were abandoned at their deadline so far.
    var abandoned: Int { state.withLock { $0.abandoned } }

    /// The number of callers who wait.
    var waiting: Int {
        state.withLock { state in
            (Array(state.flights.values) + state.orphans.values).reduce(0) { $0 + $1.waiting }
        }
    }
}

// MARK: - The life of a flight

extension FlightTable.State {
    /// Opens the flight of a key that has none.
    mutating func open(
        _ key: Key,
        _ phase: Flight<Key, Value>.Phase,
        now: UInt64 = 0,
        patience: UInt64 = Deadline.never
    ) -> Flight<Key, Value> {
        let flight = Flight<Key, Value>(key: key, phase: phase, now: now, patience: patience)
        flights[key] = flight
        return flight
    }

    /// Adds a waiter to a flight.
    mutating func enlist(in flight: Flight<Key, Value>) -> Waiter<Key, Value> {
        let waiter = Waiter(flight)
        flight.waiters.append(waiter)
        flight.waiting += 1
        if flight.isDetached { orphans[ObjectIdentifier(flight)] = flight }
        return waiter
    }

    /// Takes the key from a flight.
    mutating func detach(_ flight: Flight<Key, Value>) {
        flight.isDetached = true
        if flight.waiting > 0 { orphans[ObjectIdentifier(flight)] = flight }
        if flights[flight.key] === flight { flights[flight.key] = nil }
    }

    /// Ends a flight, and tells all who wait for it.
    mutating func close(
        _ flight: Flight<Key, Value>,
        _ turn: Turn<Key, Value>,
        _ aftermath: inout Aftermath<Key, Value>
    ) {
        detach(flight)
        orphans[ObjectIdentifier(flight)] = nil
        for waiter in flight.waiters { aftermath.tell(waiter, turn) }
        flight.waiters = []
        flight.waiting = 0
    }
}
