import MemoryCache

extension FlightTable {
    /// Asks whether the result of a load may be stored, and holds off writes and removals of its key if so.
    func beginStoring(_ flight: Flight<Key, Value>) -> Bool {
        let now = watch.now
        return update { state, aftermath in
            guard !flight.isDetached else { return false }
            guard flight.deadline > now else {
                state.abandon(flight, &aftermath)
                return false
            }
            flight.phase = .storing
            return true
        }
    }

    /// Keeps a stale copy from the store for those who wait if the load is abandoned.
    func setFallback(of flight: Flight<Key, Value>, _ fallback: LiveEntry<Value>?) {
        update { _, _ in flight.fallback = fallback }
    }

    /// Ends a flight and tells all who wait for it.
    func finish(_ flight: Flight<Key, Value>, _ turn: Turn<Key, Value>) {
        update { state, aftermath in state.close(flight, turn, &aftermath) }
    }

    /// Passes the lead of a flight to the next waiter, or ends it where there is none.
    ///
    /// Only a waiter who is suspended takes the lead: one who is busy elsewhere, with other keys of a bulk read,
    /// would leave the flight without anybody at work on it. Such a waiter begins again when it comes to it.
    func handOver(_ flight: Flight<Key, Value>) {
        let now = watch.now
        update { state, aftermath in
            guard !flight.isDetached, let heir = flight.waiters.first(where: \.state.isParked) else {
                return state.close(flight, .retry, &aftermath)
            }
            flight.phase = .loading
            flight.fallback = nil
            flight.renewDeadline(at: now)
            aftermath.tell(heir, .lead(flight))
            flight.waiters.removeAll { $0.state.isOver }
            flight.waiting = flight.waiters.count
        }
    }

    /// Abandons the loads whose deadline has come: their keys are free, and their waiters are told.
    ///
    /// - Returns: The next deadline, if any load is left.
    func abandonFlights(at now: UInt64) -> UInt64? {
        update { state, aftermath in
            for flight in state.loading where flight.deadline <= now { state.abandon(flight, &aftermath) }
            return state.loading.lazy.map(\.deadline).min()
        }
    }
}

extension FlightTable.State {
    /// The flights that may be abandoned.
    var loading: [Flight<Key, Value>] {
        (Array(flights.values) + orphans.values).filter { $0.phase == .loading }
    }

    /// Ends a load that takes too long.
    mutating func abandon(_ flight: Flight<Key, Value>, _ aftermath: inout Aftermath<Key, Value>) {
        abandoned += 1
        aftermath.cancelLoad(of: flight)
        // What the store had before the key was written or removed is not for anybody any more.
        close(flight, .abandoned(flight.isDetached ? nil : flight.fallback), &aftermath)
    }
}

extension Waiter.State {
    /// Whether the waiter is suspended.
    var isParked: Bool {
        if case .parked = self { true } else { false }
    }
}
