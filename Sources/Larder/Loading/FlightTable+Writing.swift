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
            let entry: Entry = update { state, aftermath in
                if let flight = state.flights[key] {
                    guard flight.phase == .loading else {
                        aftermath.perform(flight.dropFill)
                        return .wait(state.enlist(in: flight, .endless, &aftermath))
                    }
                    state.detach(flight)
                }
                return .lead(state.open(key, .writing))
            }
            switch entry {
            case .lead(let flight): return flight
            case .wait(let waiter): if case .cancelled = await turn(of: waiter) { throw CancellationError() }
            case .takeCopy, .refuse: break
            }
        }
    }

    /// The key's write that is under way, joined; `nil` if there is none.
    func joinWriting(_ key: Key) -> Waiter<Key, Value>? {
        update { state, aftermath in
            guard let flight = state.flights[key], flight.phase == .writing else { return nil }
            return state.enlist(in: flight, .endless, &aftermath)
        }
    }

    /// Takes the keys from all loads under way, and waits for the writes and for the loads that are being stored,
    /// even if the task is cancelled: both end within the timeout of the store.
    func detachAll() async {
        await settle(detachingLoads: true)
    }

    /// Takes the keys from all loads under way, without waiting for anything.
    func detachLoads() {
        update { state, _ in
            for flight in Array(state.flights.values) where flight.phase == .loading { state.detach(flight) }
        }
    }

    /// Waits for the writes and for the loads that are being stored, even if the task is cancelled.
    func settle(detachingLoads: Bool = false) async {
        let waiters: [Waiter<Key, Value>] = update { state, aftermath in
            Array(state.flights.values)
                .compactMap { flight in
                    aftermath.perform(flight.dropFill)
                    if flight.phase != .loading { return state.enlist(in: flight, .endless, &aftermath) }
                    if detachingLoads { state.detach(flight) }
                    return nil
                }
        }
        for waiter in waiters { _ = await uncancellableTurn(of: waiter) }
    }
}
