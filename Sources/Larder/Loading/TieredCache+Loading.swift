import MemoryCache

extension TieredCache {
    /// Answers a read that memory could not: joins the key's flight or leads one, in the task of the caller.
    ///
    /// A caller who does not take an absence for an answer loads anew where others remember one.
    @usableFromInline
    func resolve(
        _ key: Key,
        _ policy: CachePolicy?,
        _ options: ReadOptions,
        acceptsAbsence: Bool,
        _ load: Loader
    ) async throws -> CacheResult<Value> {
        guard let spans else { return try await resolved(key, policy, options, acceptsAbsence: acceptsAbsence, load) }
        return try await spans.read {
            try await resolved(key, policy, options, acceptsAbsence: acceptsAbsence, load)
        }
    }

    /// Answers a read, in the span that it has, if there is one.
    private func resolved(
        _ key: Key,
        _ policy: CachePolicy?,
        _ options: ReadOptions,
        acceptsAbsence: Bool,
        _ load: Loader
    ) async throws -> CacheResult<Value> {
        var call = try call(key, policy, options, acceptsAbsence: acceptsAbsence)
        await prepare()
        if let answer = earlyAnswer(&call) { return count(answer, call.options) }
        if let answer = await staleAnswerOfStore(call) { return count(answer, call.options) }
        if call.options.contains(.forceRefresh) { try await beginAnew(key) }
        var isCoalesced = false
        var inherited: Flight<Key, Value>?
        while true {
            let waiter: Waiter<Key, Value>
            let entry = if let inherited { FlightTable<Key, Value>.Entry.lead(inherited) } else { join(call) }
            switch entry {
            case .lead(let flight):
                return try await finish(flight, call) { try await lead(flight, call, load) }
            case .refuse:
                return try standIn(for: key, options: call.options, orThrow: Self.overcrowdedLoad(of: key))
            case .takeCopy:
                if let copy = standIn(for: key) { return count(copy, call.options) }
                call.hasCopy = false
                continue
            case .wait(let other):
                waiter = other
            }
            if !isCoalesced { counters.coalescedReads.increment() }
            isCoalesced = true
            switch try step(after: await flights.turn(of: waiter), call) {
            case .answer(let answer): return answer
            case .lead(let flight): inherited = flight
            case .again: break
            }
        }
    }

    /// A stale copy that only the store has, for a caller who allows that.
    func staleAnswerOfStore(_ call: LoadCall<Key, Value>) async -> CacheResult<Value>? {
        guard call.options.contains(.allowStale), !call.options.contains(.forceRefresh) else { return nil }
        let answer = await readStore(call.key, call.storeKey, call.options)
        return answer.flatMap { call.accepts($0.value) ? $0 : nil }
    }

    /// Sees to it that a caller joins nothing that began before it.
    func beginAnew(_ key: Key) async throws {
        do {
            try await flights.detachLoad(of: key)
        } catch {
            countMiss(key, .forceRefresh, error)
            throw error
        }
    }

    func join(_ call: LoadCall<Key, Value>) -> FlightTable<Key, Value>.Entry {
        flights.join(
            call.key,
            now: clock.now,
            timeLimit: call.policy.loadDeadline,
            patience: call.patience(isOwn: false)
        ) { [coherence] mark in coherence.isTouched(call.storeKey, tags: call.policy.tags, since: mark) }
    }

    /// Ends a flight with what its leader found, or passes the lead on if the leader's task was cancelled.
    private func finish(
        _ flight: Flight<Key, Value>,
        _ call: LoadCall<Key, Value>,
        _ body: () async throws -> CacheResult<Value>
    ) async throws -> CacheResult<Value> {
        do {
            let answer = try await Escalation.during { escalation in
                if let escalation { flights.setTask(of: flight, escalation) }
                return try await body()
            }
            flights.finish(flight, .answer(answer))
            return count(answer, call.options)
        } catch {
            countMiss(call.key, call.options, error)
            if Task.isCancelled {
                flights.handOver(flight)
            } else {
                flights.finish(flight, .failure(error))
            }
            throw error
        }
    }
}
