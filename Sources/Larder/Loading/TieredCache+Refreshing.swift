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
        // The hit that brought the caller here may have been overtaken by a refresh.
        guard let due = memory.peek(forKey: key), due.value.nextLoad <= clock.now, !isPassThrough else {
            return flights.handOver(flight)
        }
        call.isRefresh = true
        call.isBatched = isBatched
        counters.refreshes.increment()
        let task = Task { [call] in
            do {
                flights.finish(flight, .answer(try await refresh(flight, call, due, load)))
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
        _ due: (value: MemoryEntry<Value>, deadline: UInt64),
        _ load: @escaping BackgroundLoader
    ) async throws -> CacheResult<Value> {
        let ticket = coherence.beginLoad()
        let finding = admitted(await store?.read(call.storeKey) ?? .unknown, call.storeKey, ticket)
        if let stored = finding.entry, stored.freshUntil > due.value.freshUntil + Self.margin {
            if flights.beginStoring(flight) { fill(call.key, call.storeKey, stored, ticket) }
            return answer(stored, at: clock.now)
        }
        return try await loadAndKeep(flight, call, newest(HeldEntry(due), finding.entry), finding, ticket, load)
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
            nextLoad: pause < Self.shortestPause ? due.value.freshUntil : now + pause,
            mark: due.value.mark,
            storedAt: due.value.storedAt,
            details: due.value.details
        )
        memory.setValue(entry, forKey: key, deadline: due.deadline, now: now)
    }
}
