import MemoryCache

extension TieredCache {
    /// Answers a read that memory could not: joins the key's flight or leads one.
    ///
    /// A caller who does not take an absence for an answer loads anew where others remember one.
    @usableFromInline
    func resolve(
        _ key: Key,
        _ policy: CachePolicy?,
        acceptsAbsence: Bool,
        _ load: (Key) async throws -> Value?
    ) async throws -> Value? {
        let policy = try checked(policy)
        let storeKey = try storeKey(key)
        var isCoalesced = false
        var next = flights.join(key, now: clock.now, patience: policy.loadDeadline)
        while true {
            switch next {
            case .lead(let flight):
                return try await finish(flight) {
                    try await lead(flight, key, storeKey, policy, acceptsAbsence: acceptsAbsence, load)
                }
            case .wait(let waiter):
                if !isCoalesced { counters.coalescedReads.increment() }
                isCoalesced = true
                switch await flights.turn(of: waiter) {
                case .answer(let answer) where acceptsAbsence || answer.value != nil:
                    return count(answer).value
                case .lead(let flight):
                    next = .lead(flight)
                case .answer, .retry:
                    next = flights.join(key, now: clock.now, patience: policy.loadDeadline)
                case .failure(let error):
                    return try standIn(for: key, orThrow: error).value
                case .abandoned(let fallback):
                    return try standIn(for: key, fallback, orThrow: Self.abandonedLoad(of: key)).value
                case .cancelled:
                    countMiss()
                    throw CancellationError()
                }
            }
        }
    }

    /// Ends a flight with what its leader found, or passes the lead on if the leader's task was cancelled.
    private func finish(
        _ flight: Flight<Key, Value>,
        _ body: () async throws -> Answer<Value>
    ) async throws -> Value? {
        do {
            let answer = try await body()
            flights.finish(flight, .answer(answer))
            return count(answer).value
        } catch {
            countMiss()
            if Task.isCancelled {
                flights.handOver(flight)
            } else {
                flights.finish(flight, .failure(error))
            }
            throw error
        }
    }

    /// Looks through the tiers for one who leads a flight, and loads what they do not have.
    func lead(
        _ flight: Flight<Key, Value>,
        _ key: Key,
        _ storeKey: StoreKey,
        _ policy: CachePolicy,
        acceptsAbsence: Bool,
        _ load: (Key) async throws -> Value?
    ) async throws -> Answer<Value> {
        // Another flight may have ended between the miss that brought the caller here and this one's start.
        let cached = memory.peek(forKey: key)
        if let cached, cached.value.isUsable(at: clock.now, acceptsAbsence: acceptsAbsence) {
            return Answer(value: cached.value.value, source: .memory)
        }
        let stored = await store?.read(storeKey)
        if let stored, stored.isUsable(at: clock.now, acceptsAbsence: acceptsAbsence) {
            if flights.beginStoring(flight) { fill(key, stored) }
            return Answer(value: stored.value, source: .store)
        }
        try Task.checkCancellation()
        if stored != nil { flights.setFallback(of: flight, stored) }
        let value: Value?
        counters.loads.increment()
        let start = clock.now
        do {
            value = try await load(key)
        } catch {
            if Task.isCancelled { throw error }
            counters.loadFailures.increment()
            guard let answer = keptStandIn(for: key, stored, flight) else { throw error }
            return answer
        }
        await keep(value, flight, key, storeKey, policy, loadDuration: loadDuration(since: start))
        return Answer(value: value, source: .origin)
    }

    /// Stores what was loaded in all tiers, unless the key was touched meanwhile.
    func keep(
        _ value: Value?,
        _ flight: Flight<Key, Value>,
        _ key: Key,
        _ storeKey: StoreKey,
        _ policy: CachePolicy,
        loadDuration: Duration
    ) async {
        guard flights.beginStoring(flight) else {
            counters.fencedLoads.increment()
            return
        }
        let lifetime = lifetime(of: value, policy)
        let loaded = LoadedValue(value: value, storeKey: storeKey, lifetime: lifetime)
        await store?.keep([loaded], grace: policy.grace)
        fill(key, value, lifetime: lifetime, policy, loadDuration: loadDuration)
    }
}

// MARK: - Stale copies

extension TieredCache {
    /// A stale copy that may stand in for a load that failed: the one in memory, or the given one.
    func standIn(for key: Key, _ fallback: LiveEntry<Value>? = nil) -> Answer<Value>? {
        let now = clock.now
        if let copy = memory.peek(forKey: key), copy.deadline > now, copy.value.value != nil {
            return Answer(value: copy.value.value, source: .stale)
        }
        guard let fallback, fallback.staleUntil > now, fallback.value != nil else { return nil }
        return Answer(value: fallback.value, source: .stale)
    }

    /// A stale copy for the leader of a load that failed; one from the store is kept in memory for those who come
    /// next, unless the key was touched meanwhile.
    func keptStandIn(
        for key: Key,
        _ stored: LiveEntry<Value>?,
        _ flight: Flight<Key, Value>
    ) -> Answer<Value>? {
        if let stored, standIn(for: key) == nil, flights.beginStoring(flight) { fill(key, stored) }
        return standIn(for: key)
    }

    /// A stale copy for one who waited for a load that failed; counted.
    func standIn(
        for key: Key,
        _ fallback: LiveEntry<Value>? = nil,
        orThrow error: @autoclosure () -> any Error
    ) throws -> Answer<Value> {
        if let answer = standIn(for: key, fallback) { return count(answer) }
        countMiss()
        throw error()
    }

    static func abandonedLoad(of key: Key) -> CacheError {
        CacheError(
            .loadTimedOut,
            "The load of key \(key) passed its deadline and was abandoned; check the origin, or raise loadDeadline."
        )
    }
}
