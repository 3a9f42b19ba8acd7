import MemoryCache

extension FlightTable {
    /// Joins the flight of a key, or opens one.
    ///
    /// The time limit is how long the load may take if this caller leads it. A load that began before an invalidation
    /// of its key is not joined.
    func join(
        _ key: Key,
        now: UInt64,
        timeLimit: Duration,
        patience: Patience,
        isTouched: (_ since: LogMark) -> Bool
    ) -> Entry {
        update { state, aftermath in
            if let flight = state.flights[key], flight.phase == .loading, flight.began < state.newestRecord(),
                isTouched(flight.began)
            {
                state.detach(flight)
            }
            if let flight = state.flight(of: key, at: now, &aftermath) {
                if patience.hasCopy, patience.soft <= now {
                    flight.goesOnAlone = true
                    return .takeCopy
                }
                guard flight.waiting < state.maximumWaiters else { return .refuse }
                return .wait(state.enlist(in: flight, patience, &aftermath))
            }
            return .lead(state.open(key, .loading, now: now, patience: UInt64(clamping: timeLimit.wholeNanoseconds)))
        }
    }

    /// Opens a flight of a key, if there is none.
    func lead(_ key: Key, now: UInt64, timeLimit: Duration, goesOnAlone: Bool = false) -> Flight<Key, Value>? {
        update { state, aftermath in
            guard state.flight(of: key, at: now, &aftermath) == nil else { return nil }
            let flight = state.open(
                key,
                .loading,
                now: now,
                patience: UInt64(clamping: timeLimit.wholeNanoseconds)
            )
            flight.goesOnAlone = goesOnAlone
            if goesOnAlone { state.watchDeadline(of: flight) }
            return flight
        }
    }

    /// Adds the caller who opened a flight to those who wait for it, because its load runs in a task of its own.
    func waitForOwn(_ flight: Flight<Key, Value>, patience: Patience) -> Waiter<Key, Value> {
        update { state, aftermath in state.enlist(in: flight, patience, &aftermath) }
    }

    /// Lets a load go on when nobody waits for it.
    func letGoOn(_ flight: Flight<Key, Value>) {
        update { state, _ in
            flight.goesOnAlone = true
            state.watchDeadline(of: flight)
        }
    }

    /// Takes the key from a load that is under way, so that what it brings is not stored, and waits for a write, or
    /// for what is being stored already.
    ///
    /// Throws `CancellationError` if the task is cancelled while it waits.
    func detachLoad(of key: Key) async throws {
        let waiter: Waiter<Key, Value>? = update { state, aftermath in
            guard let flight = state.flights[key] else { return nil }
            aftermath.perform(flight.dropFill)
            guard flight.phase == .loading else { return state.enlist(in: flight, .endless, &aftermath) }
            state.detach(flight)
            return nil
        }
        if let waiter, case .cancelled = await turn(of: waiter) { throw CancellationError() }
    }

    /// Takes the key from a load that is under way, unless it knew of a record when it began.
    func detachLoad(of key: Key, unlessBegunAt mark: LogMark) {
        update { state, _ in
            guard let flight = state.flights[key], flight.phase == .loading, flight.began < mark else { return }
            state.detach(flight)
        }
    }

    /// Says which task loads, and how to cancel it once nobody waits for it.
    func setTask(
        of flight: Flight<Key, Value>,
        _ escalation: Escalation?,
        cancel: (@Sendable () -> Void)? = nil
    ) {
        let current = Task.currentPriority
        update { state, aftermath in
            guard flight.phase != .over else { return }
            flight.escalation = escalation
            flight.cancelLoad = cancel
            let priority = flight.priority
            if priority > current { aftermath.perform { escalation?.raise(to: priority) } }
            if flight.waiting == 0 { state.giveUp(flight, &aftermath) }
        }
    }

    /// Waits for the turn of a waiter, which leaves if its task is cancelled.
    func turn(of waiter: Waiter<Key, Value>) async -> Turn<Key, Value> {
        await withCancellationHandler {
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
            guard !waiter.state.isOver else { return }
            state.dismiss(waiter, .cancelled, &aftermath)
            if case .told = waiter.state { waiter.state = .left }
            if waiter.flight.waiting == 0 { state.giveUp(waiter.flight, &aftermath) }
        }
    }
}

extension FlightTable.State {
    /// The flight that has a key, unless it has passed its deadline.
    mutating func flight(
        of key: Key,
        at now: UInt64,
        _ aftermath: inout Aftermath
    ) -> Flight<Key, Value>? {
        guard let flight = flights[key] else { return nil }
        guard flight.phase == .loading, flight.deadline <= now else { return flight }
        abandon(flight, &aftermath)
        return nil
    }

    /// Cancels a load that runs in a task of its own and that nobody waits for any more.
    ///
    /// A load that is being stored keeps its key until that is done.
    mutating func giveUp(_ flight: Flight<Key, Value>, _ aftermath: inout Aftermath) {
        guard flight.phase == .loading, flight.cancelLoad != nil, !flight.goesOnAlone else { return }
        detach(flight)
        aftermath.perform(flight.cancelLoad)
    }
}
