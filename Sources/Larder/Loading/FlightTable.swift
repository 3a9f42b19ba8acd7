import MemoryCache

/// The loads and writes under way in one cache: at most one for each key.
///
/// A caller who finds no flight of its key leads one; others wait for its result. The leader of a load runs the
/// loader in its own task; if that task is cancelled, the next waiter takes the lead with a loader of its own. A
/// write or removal takes the key from a load in progress, so that the load's result is not stored (the fence),
/// and callers who come later start anew.
///
/// The table resumes continuations and runs cancellations only after its lock is free.
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

    let state = Locked(State())
    let watch: DeadlineWatch

    init(watch: DeadlineWatch) {
        self.watch = watch
        watch.expire = { [weak self] now in self?.abandonFlights(at: now) }
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

    // MARK: Joining

    /// Joins the flight of a key, or opens one.
    ///
    /// The patience is how long the load may take if this caller leads it.
    func join(_ key: Key, now: UInt64, patience: Duration) -> Entry {
        let entry: Entry = state.withLock { state in
            if let flight = state.flights[key] { return .wait(enlist(in: flight)) }
            return .lead(open(key, now, patience, &state))
        }
        if case .wait(let waiter) = entry { coverDeadline(of: waiter.flight) }
        return entry
    }

    /// Opens a flight of a key, if there is none.
    func lead(_ key: Key, now: UInt64, patience: Duration) -> Flight<Key, Value>? {
        state.withLock { state in
            state.flights[key] == nil ? open(key, now, patience, &state) : nil
        }
    }

    private func open(_ key: Key, _ now: UInt64, _ patience: Duration, _ state: inout State) -> Flight<Key, Value> {
        let flight = Flight<Key, Value>(
            key: key,
            phase: .loading,
            now: now,
            patience: UInt64(clamping: patience.wholeNanoseconds)
        )
        state.flights[key] = flight
        return flight
    }

    /// Adds the caller who opened a flight to those who wait for it, because its load runs in a task of its own.
    func waitForOwn(_ flight: Flight<Key, Value>) -> Waiter<Key, Value> {
        defer { coverDeadline(of: flight) }
        return state.withLock { _ in enlist(in: flight) }
    }

    private func coverDeadline(of flight: Flight<Key, Value>) {
        watch.cover(state.withLock { _ in flight.deadline })
    }

    /// Says how to cancel the load of a flight once nobody waits for it.
    func setCancellation(of flight: Flight<Key, Value>, _ cancel: @escaping @Sendable () -> Void) {
        let isLate = state.withLock { state in
            flight.cancelLoad = cancel
            guard flight.waiting == 0 else { return false }
            detach(flight, &state)
            return true
        }
        if isLate { cancel() }
    }

    func enlist(in flight: Flight<Key, Value>) -> Waiter<Key, Value> {
        let waiter = Waiter(flight)
        flight.waiters.append(waiter)
        flight.waiting += 1
        return waiter
    }

    // MARK: Waiting

    /// Waits for the turn of a waiter.
    func turn(of waiter: Waiter<Key, Value>) async -> Turn<Key, Value> {
        await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let turn: Turn<Key, Value>? = state.withLock { _ in
                    switch waiter.state {
                    case .joined:
                        waiter.state = .parked(continuation)
                        return nil
                    case .told(let turn):
                        waiter.state = .left
                        return turn
                    case .left, .parked:
                        return .cancelled
                    }
                }
                if let turn { continuation.resume(returning: turn) }
            }
        } onCancel: {
            leave(waiter)
        }
    }

    /// Gives up waiting.
    func leave(_ waiter: Waiter<Key, Value>) {
        var continuation: UnsafeContinuation<Turn<Key, Value>, Never>?
        var cancelLoad: (@Sendable () -> Void)?
        var inherited: Flight<Key, Value>?
        state.withLock { state in
            switch waiter.state {
            case .joined:
                waiter.state = .left
            case .parked(let parked):
                waiter.state = .left
                continuation = parked
            case .told(.lead(let flight)):
                waiter.state = .left
                inherited = flight
                return
            case .told, .left:
                return
            }
            cancelLoad = departed(from: waiter.flight, &state)
        }
        continuation?.resume(returning: .cancelled)
        cancelLoad?()
        if let inherited { handOver(inherited) }
    }

    /// Counts a waiter out; once the last has left a load with a task of its own, takes its key away.
    private func departed(from flight: Flight<Key, Value>, _ state: inout State) -> (@Sendable () -> Void)? {
        flight.waiting -= 1
        guard flight.waiting == 0, let cancel = flight.cancelLoad else { return nil }
        detach(flight, &state)
        return cancel
    }

    // MARK: Leading

    /// Asks whether the result of a load may be stored, and holds off writes and removals of its key if so.
    func beginStoring(_ flight: Flight<Key, Value>) -> Bool {
        state.withLock { _ in
            guard !flight.isDetached else { return false }
            flight.phase = .storing
            return true
        }
    }

    /// Ends a flight and tells all who wait for it.
    func finish(_ flight: Flight<Key, Value>, _ turn: Turn<Key, Value>) {
        tell(state.withLock { close(flight, &$0, turn: turn) }, turn)
    }

    /// Passes the lead of a flight to the next waiter, or ends it where there is none.
    func handOver(_ flight: Flight<Key, Value>) {
        var told: [UnsafeContinuation<Turn<Key, Value>, Never>] = []
        var turn = Turn<Key, Value>.retry
        state.withLock { state in
            if flight.isDetached {
                told = close(flight, &state, turn: .retry)
            } else if let next = nextWaiter(of: flight) {
                flight.phase = .loading
                flight.deadline = Deadline.after(.nanoseconds(Int64(clamping: flight.patience)), from: watch.now)
                turn = .lead(flight)
                if case .parked(let continuation) = next.state {
                    next.state = .left
                    told = [continuation]
                } else {
                    next.state = .told(turn)
                }
            } else {
                detach(flight, &state)
            }
        }
        tell(told, turn)
    }

    private func nextWaiter(of flight: Flight<Key, Value>) -> Waiter<Key, Value>? {
        guard let index = flight.waiters.firstIndex(where: { !$0.state.isOver }) else { return nil }
        let next = flight.waiters[index]
        flight.waiters.removeSubrange(...index)
        flight.waiting -= 1
        return next
    }

    /// Takes the key from a flight.
    func detach(_ flight: Flight<Key, Value>, _ state: inout State) {
        flight.isDetached = true
        if flight.waiting > 0 { state.orphans[ObjectIdentifier(flight)] = flight }
        if state.flights[flight.key] === flight { state.flights[flight.key] = nil }
    }

    /// Ends a flight.
    ///
    /// - Returns: Those who are suspended; the others are told here.
    func close(
        _ flight: Flight<Key, Value>,
        _ state: inout State,
        turn: Turn<Key, Value>
    ) -> [UnsafeContinuation<Turn<Key, Value>, Never>] {
        detach(flight, &state)
        state.orphans[ObjectIdentifier(flight)] = nil
        var parked: [UnsafeContinuation<Turn<Key, Value>, Never>] = []
        for waiter in flight.waiters {
            switch waiter.state {
            case .joined:
                waiter.state = .told(turn)
            case .parked(let continuation):
                waiter.state = .left
                parked.append(continuation)
            case .told, .left:
                break
            }
        }
        flight.waiters = []
        flight.waiting = 0
        return parked
    }

    func tell(_ continuations: [UnsafeContinuation<Turn<Key, Value>, Never>], _ turn: Turn<Key, Value>) {
        for continuation in continuations { continuation.resume(returning: turn) }
    }
}

extension Waiter.State {
    /// Whether nothing more is to be told.
    var isOver: Bool {
        switch self {
        case .joined, .parked: false
        case .told, .left: true
        }
    }
}
