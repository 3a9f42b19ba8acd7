import MemoryCache

extension FlightTable {
    /// Takes a key for a write or a removal, alone.
    ///
    /// A load of the key that is under way goes on for those who wait for it, and is not stored. A write of the
    /// key, or a load that is being stored, is waited for.
    ///
    /// - Returns: The flight to finish when the write is done.
    /// - Throws: `CancellationError` if the task is cancelled while it waits.
    func beginWriting(_ key: Key) async throws -> Flight<Key, Value> {
        while true {
            let entry: Entry = state.withLock { state in
                if let flight = state.flights[key] {
                    guard flight.phase == .loading else {
                        return .wait(enlist(in: flight))
                    }
                    detach(flight, &state)
                }
                let flight = Flight<Key, Value>(key: key, phase: .writing, now: 0, patience: Deadline.never)
                state.flights[key] = flight
                return .lead(flight)
            }
            switch entry {
            case .lead(let flight):
                return flight
            case .wait(let waiter):
                switch await turn(of: waiter) {
                case .cancelled: throw CancellationError()
                case .lead(let flight): handOver(flight)
                case .answer, .failure, .retry: break
                }
            }
        }
    }

    /// The key's write that is under way, joined; `nil` if there is none.
    func joinWriting(_ key: Key) -> Waiter<Key, Value>? {
        state.withLock { state in
            guard let flight = state.flights[key], flight.phase == .writing else { return nil }
            return enlist(in: flight)
        }
    }

    /// Takes the keys from all loads under way, and waits for the writes and for the loads that are being stored.
    func detachAll() async {
        let waiters: [Waiter<Key, Value>] = state.withLock { state in
            var waiters: [Waiter<Key, Value>] = []
            for flight in Array(state.flights.values) {
                if flight.phase == .loading {
                    detach(flight, &state)
                } else {
                    waiters.append(enlist(in: flight))
                }
            }
            return waiters
        }
        for waiter in waiters {
            if case .lead(let flight) = await turn(of: waiter) { handOver(flight) }
        }
    }

    /// Abandons the loads whose deadline has come: their keys are free, and their waiters get an error.
    ///
    /// - Returns: The next deadline, if any load is left.
    func abandonFlights(at now: UInt64) -> UInt64? {
        var told: [UnsafeContinuation<Turn<Key, Value>, Never>] = []
        var cancellations: [@Sendable () -> Void] = []
        let turn = Turn<Key, Value>.failure(LoadAbandoned())
        let next: UInt64? = state.withLock { state in
            let loading = state.loading
            for flight in loading where flight.deadline <= now {
                if let cancel = flight.cancelLoad { cancellations.append(cancel) }
                state.abandoned += 1
                told += close(flight, &state, turn: turn)
            }
            return state.loading.lazy.map(\.deadline).min()
        }
        tell(told, turn)
        for cancel in cancellations { cancel() }
        return next
    }
}

extension FlightTable.State {
    /// The flights that may be abandoned.
    var loading: [Flight<Key, Value>] {
        (Array(flights.values) + orphans.values).filter { $0.phase == .loading }
    }
}

/// Tells waiters that their load passed its deadline.
struct LoadAbandoned: Error {}
