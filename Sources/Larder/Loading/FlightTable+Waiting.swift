import MemoryCache

extension FlightTable {
    /// Joins the flight of a key, or opens one.
    ///
    /// The patience is how long the load may take if this caller leads it.
    func join(_ key: Key, now: UInt64, patience: Duration) -> Entry {
        let entry: Entry = update { state, aftermath in
            if let flight = state.flight(of: key, at: now, &aftermath) { return .wait(state.enlist(in: flight)) }
            return .lead(state.open(key, .loading, now: now, patience: UInt64(clamping: patience.wholeNanoseconds)))
        }
        if case .wait(let waiter) = entry { coverDeadline(of: waiter.flight) }
        return entry
    }

    /// Opens a flight of a key, if there is none.
    func lead(_ key: Key, now: UInt64, patience: Duration) -> Flight<Key, Value>? {
        update { state, aftermath in
            guard state.flight(of: key, at: now, &aftermath) == nil else { return nil }
            return state.open(key, .loading, now: now, patience: UInt64(clamping: patience.wholeNanoseconds))
        }
    }

    /// Opens a flight of a key that refreshes it, if there is none.
    func leadRefresh(_ key: Key, now: UInt64, patience: Duration) -> Flight<Key, Value>? {
        guard let flight = lead(key, now: now, patience: patience) else { return nil }
        update { _, _ in flight.isRefresh = true }
        watch.cover(Deadline.after(patience, from: now))
        return flight
    }

    /// Adds the caller who opened a flight to those who wait for it, because its load runs in a task of its own.
    func waitForOwn(_ flight: Flight<Key, Value>) -> Waiter<Key, Value> {
        let waiter = update { state, _ in state.enlist(in: flight) }
        coverDeadline(of: flight)
        return waiter
    }

    /// Says how to cancel the load of a flight once nobody waits for it.
    func setCancellation(of flight: Flight<Key, Value>, _ cancel: @escaping @Sendable () -> Void) {
        update { state, aftermath in
            flight.cancelLoad = cancel
            if flight.waiting == 0 { state.giveUp(flight, &aftermath) }
        }
    }

    /// Waits for the turn of a waiter, which leaves if its task is cancelled.
    func turn(of waiter: Waiter<Key, Value>) async -> Turn<Key, Value> {
        await withTaskCancellationHandler {
            await uncancellableTurn(of: waiter)
        } onCancel: {
            leave(waiter)
        }
    }

    /// Waits for the turn of a waiter, even if its task is cancelled.
    func uncancellableTurn(of waiter: Waiter<Key, Value>) async -> Turn<Key, Value> {
        await withUnsafeContinuation { continuation in
            let turn: Turn<Key, Value>? = update { _, _ in
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
    }

    /// Gives up waiting.
    func leave(_ waiter: Waiter<Key, Value>) {
        update { state, aftermath in
            switch waiter.state {
            case .joined: waiter.state = .left
            case .parked: aftermath.tell(waiter, .cancelled)
            case .told, .left: return
            }
            let flight = waiter.flight
            flight.waiting -= 1
            if flight.waiting == 0 { state.giveUp(flight, &aftermath) }
            // Those who left must not pile up while one load takes its time.
            if flight.waiters.count > 2 * flight.waiting + 16 { flight.waiters.removeAll { $0.state.isOver } }
        }
    }

    private func coverDeadline(of flight: Flight<Key, Value>) {
        watch.cover(update { _, _ in flight.deadline })
    }
}

extension FlightTable.State {
    /// The flight that has a key, unless it has passed its deadline.
    mutating func flight(
        of key: Key,
        at now: UInt64,
        _ aftermath: inout Aftermath<Key, Value>
    ) -> Flight<Key, Value>? {
        guard let flight = flights[key] else { return nil }
        guard flight.phase == .loading, flight.deadline <= now else { return flight }
        abandon(flight, &aftermath)
        return nil
    }

    /// Cancels a load that runs in a task of its own and that nobody waits for any more.
    ///
    /// A load that is being stored keeps its key until that is done.
    mutating func giveUp(_ flight: Flight<Key, Value>, _ aftermath: inout Aftermath<Key, Value>) {
        guard flight.phase == .loading, flight.cancelLoad != nil, !flight.isRefresh else { return }
        detach(flight)
        aftermath.cancelLoad(of: flight)
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
