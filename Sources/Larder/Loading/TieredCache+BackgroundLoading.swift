import MemoryCache

extension TieredCache {
    /// Answers a read that memory could not, with a load that runs in a task of its own and that all callers,
    /// the one who starts it among them, only wait for.
    func resolveInBackground(_ key: Key, _ load: @escaping @Sendable (Key) async throws -> Value?) async throws
        -> Value?
    {
        let policy = namespace.policy
        let storeKey = try storeKey(key)
        var isCoalesced = false
        var inherited: Flight<Key, Value>?
        while true {
            let waiter: Waiter<Key, Value>
            if let flight = inherited {
                inherited = nil
                waiter = launch(flight, key, storeKey, policy, load)
            } else {
                switch flights.join(key, now: clock.now, patience: policy.loadDeadline) {
                case .lead(let flight):
                    waiter = launch(flight, key, storeKey, policy, load)
                case .wait(let other):
                    if !isCoalesced { counters.coalescedReads.increment() }
                    isCoalesced = true
                    waiter = other
                }
            }
            switch await flights.turn(of: waiter) {
            case .answer(let answer):
                return count(answer).value
            case .failure(let error):
                return try standIn(for: key, orThrow: error).value
            case .abandoned(let fallback):
                return try standIn(for: key, fallback, orThrow: Self.abandonedLoad(of: key)).value
            case .cancelled:
                countMiss()
                throw CancellationError()
            case .lead(let flight):
                inherited = flight
            case .retry:
                break
            }
        }
    }

    /// Starts the load of a flight in a task of its own, and waits for it like everybody else.
    private func launch(
        _ flight: Flight<Key, Value>,
        _ key: Key,
        _ storeKey: StoreKey,
        _ policy: CachePolicy,
        _ load: @escaping @Sendable (Key) async throws -> Value?
    ) -> Waiter<Key, Value> {
        let waiter = flights.waitForOwn(flight)
        let task = Task {
            do {
                let answer = try await lead(flight, key, storeKey, policy, acceptsAbsence: true, load)
                flights.finish(flight, .answer(answer))
            } catch {
                flights.finish(flight, .failure(error))
            }
        }
        flights.setCancellation(of: flight) { task.cancel() }
        return waiter
    }
}
