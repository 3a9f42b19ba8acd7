import MemoryCache

extension TieredCache {
    /// Loads a value anew in the background, unless another call is at work on its key.
    func refreshInBackground(_ key: Key, isBatched: Bool, _ load: @escaping BackgroundLoader) {
        guard var call = try? call(key, nil, [], acceptsAbsence: true),
            let flight = flights.lead(
                key,
                now: clock.now,
                timeLimit: call.policy.loadDeadline,
                goesOnAlone: true
            )
        else { return }
        let ticket = coherence.beginLoad()
        // The hit that brought the caller here may have been overtaken by a refresh.
        guard let due = held(key), due.value.nextLoad <= clock.now, mayKeepInMemory(call.storeKey) else {
            return flights.handOver(flight)
        }
        call.isRefresh = true
        call.isBatched = isBatched
        counters.refreshes.increment()
        let task = Task { [call] in
            do {
                flights.finish(flight, .answer(try await refresh(flight, call, due, ticket, load)))
            } catch {
                postpone(flight, key, due)
                flights.finish(flight, .failure(error))
            }
        }
        flights.setTask(of: flight, Escalation { task.escalatePriority(to: $0) }) { task.cancel() }
    }

    /// Takes over what another process has refreshed already, or loads.
    private func refresh(
        _ flight: Flight<Key, Value>,
        _ call: LoadCall<Key, Value>,
        _ due: HeldEntry<Value>,
        _ ticket: InvalidationNode.LoadTicket,
        _ load: @escaping BackgroundLoader
    ) async throws -> CacheResult<Value> {
        let finding = admitted(await store?.read(call.storeKey) ?? .unknown, call.storeKey, ticket)
        if let stored = finding.entry, stored.freshUntil > due.value.freshUntil + Self.margin {
            if flights.beginStoring(flight) { fill(call.key, call.storeKey, stored, ticket) }
            return answer(stored, at: clock.now)
        }
        let copy = newest(due, finding.entry)
        guard let leasing = leasing(of: call) else {
            return try await loadAndKeep(flight, call, copy, finding, ticket, load)
        }
        let lease = await leasing.acquire(call.storeKey, call.policy)
        if case .taken = lease { throw Self.leasedElsewhere(call.key) }
        return try await leasing.holding(lease) {
            try await loadAndKeep(flight, call, copy, finding, ticket, load)
        }
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
        _ due: HeldEntry<Value>
    ) {
        let now = clock.now
        guard due.value.freshUntil > now, flights.beginStoring(flight) else { return }
        let pause = (due.value.freshUntil - now) / 2
        let nextLoad = pause < Self.shortestPause ? due.value.freshUntil : now + pause
        setNextLoad(of: key, to: nextLoad, ifStoredAt: due.value.storedAt)
    }

    /// Changes when a hit starts the next load of an entry, in its place: written anew, it might come back after
    /// another process has removed it.
    func setNextLoad(of key: Key, to moment: UInt64, ifStoredAt storedAt: UInt64) {
        memory.update(forKey: key) { entry in
            if entry.storedAt == storedAt { entry.nextLoad = moment }
            return true
        }
    }
}
