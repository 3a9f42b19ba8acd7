import MemoryCache

extension TieredCache {
    /// Loads a value anew in the background, unless another call is at work on its key.
    func refreshInBackground(_ key: Key, _ load: @escaping @Sendable (Key) async throws -> Value?) {
        let policy = namespace.policy
        guard let storeKey = try? storeKey(key),
            let flight = flights.leadRefresh(key, now: clock.now, patience: policy.loadDeadline)
        else { return }
        // The hit that brought the caller here may have been overtaken by a refresh.
        guard let due = memory.peek(forKey: key), due.value.refreshAt <= clock.now else {
            return flights.handOver(flight)
        }
        counters.refreshes.increment()
        let task = Task {
            do {
                let answer = try await refresh(flight, key, storeKey, policy, due.value, load)
                flights.finish(flight, .answer(answer))
            } catch {
                counters.loadFailures.increment()
                postpone(flight, key, due)
                flights.finish(flight, .failure(error))
            }
        }
        flights.setCancellation(of: flight) { task.cancel() }
    }

    /// Takes over what another process has refreshed already, or loads.
    private func refresh(
        _ flight: Flight<Key, Value>,
        _ key: Key,
        _ storeKey: StoreKey,
        _ policy: CachePolicy,
        _ due: MemoryEntry<Value>,
        _ load: (Key) async throws -> Value?
    ) async throws -> Answer<Value> {
        if let stored = await store?.read(storeKey), stored.freshUntil > due.freshUntil + Self.margin {
            if flights.beginStoring(flight) { fill(key, stored) }
            return Answer(value: stored.value, source: .store)
        }
        counters.loads.increment()
        let start = clock.now
        let value = try await load(key)
        await keep(value, flight, key, storeKey, policy, loadDuration: loadDuration(since: start))
        return Answer(value: value, source: .origin)
    }

    /// By how much an entry of the store must live longer than the one in memory to count as newer, in nanoseconds;
    /// less is the inexactness of the clocks.
    private static var margin: UInt64 { 100_000_000 }

    /// The shortest pause between two refreshes, in nanoseconds.
    private static var shortestPause: UInt64 { 1_000_000_000 }

    /// Sees to it that a refresh that failed is tried again by a hit after half of the remaining life.
    private func postpone(
        _ flight: Flight<Key, Value>,
        _ key: Key,
        _ due: (value: MemoryEntry<Value>, deadline: UInt64)
    ) {
        let now = clock.now
        guard due.value.freshUntil > now, flights.beginStoring(flight) else { return }
        let pause = (due.value.freshUntil - now) / 2
        let entry = MemoryEntry(
            value: due.value.value,
            freshUntil: due.value.freshUntil,
            refreshAt: pause < Self.shortestPause ? Deadline.never : now + pause
        )
        memory.setValue(entry, forKey: key, deadline: due.deadline, now: now)
    }
}
