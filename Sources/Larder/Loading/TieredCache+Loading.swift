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
        var inherited: Flight<Key, Value>?
        while true {
            let flight: Flight<Key, Value>
            if let lead = inherited {
                flight = lead
            } else {
                switch flights.join(key, now: clock.now, patience: policy.loadDeadline) {
                case .lead(let lead):
                    flight = lead
                case .wait(let waiter):
                    if !isCoalesced { counters.coalescedReads.increment() }
                    isCoalesced = true
                    switch await flights.turn(of: waiter) {
                    case .answer(let answer) where acceptsAbsence || answer.value != nil:
                        return count(answer).value
                    case .answer, .retry:
                        continue
                    case .failure(let error):
                        return try countedStaleAnswer(key, orThrow: error).value
                    case .cancelled:
                        counters.misses.increment()
                        throw CancellationError()
                    case .lead(let lead):
                        inherited = lead
                        continue
                    }
                }
            }
            do {
                let answer = try await lead(flight, key, storeKey, policy, acceptsAbsence: acceptsAbsence, load)
                flights.finish(flight, .answer(answer))
                return count(answer).value
            } catch {
                counters.misses.increment()
                if Task.isCancelled {
                    flights.handOver(flight)
                } else {
                    flights.finish(flight, .failure(error))
                }
                throw error
            }
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
        if let stored, stored.entry.isUsable(at: clock.now, acceptsAbsence: acceptsAbsence) {
            if flights.beginStoring(flight) { fill(key, stored, now: clock.now) }
            return Answer(value: stored.entry.value, source: .store)
        }
        try Task.checkCancellation()
        let value: Value?
        counters.loads.increment()
        do {
            value = try await load(key)
        } catch {
            if Task.isCancelled { throw error }
            counters.loadFailures.increment()
            if let stored, stored.entry.value != nil, stored.staleUntil > clock.now, flights.beginStoring(flight) {
                fill(key, stored, now: clock.now)
            }
            return try staleAnswer(key, orThrow: error)
        }
        await keep(value, flight, key, storeKey, policy)
        return Answer(value: value, source: .origin)
    }

    /// Stores what was loaded in all tiers, unless the key was touched meanwhile.
    private func keep(
        _ value: Value?,
        _ flight: Flight<Key, Value>,
        _ key: Key,
        _ storeKey: StoreKey,
        _ policy: CachePolicy
    ) async {
        guard flights.beginStoring(flight) else {
            counters.fencedLoads.increment()
            return
        }
        let lifetime = lifetime(of: value, policy)
        let loaded = LoadedValue(value: value, storeKey: storeKey, lifetime: lifetime)
        await store?.keep([loaded], grace: policy.grace)
        fill(key, value, lifetime: lifetime, grace: policy.grace)
    }

    /// A stale copy in memory that may stand in for a failed load.
    func staleAnswer(_ key: Key, orThrow error: any Error) throws -> Answer<Value> {
        if let copy = memory.peek(forKey: key), copy.deadline > clock.now, copy.value.value != nil {
            return Answer(value: copy.value.value, source: .stale)
        }
        guard error is LoadAbandoned else { throw error }
        throw CacheError(
            .loadTimedOut,
            "The load of key \(key) passed its deadline and was abandoned; check the origin, or raise loadDeadline."
        )
    }

    func countedStaleAnswer(_ key: Key, orThrow error: any Error) throws -> Answer<Value> {
        do {
            return count(try staleAnswer(key, orThrow: error))
        } catch {
            countMiss()
            throw error
        }
    }

    // MARK: Filling

    /// Puts an entry of the store into memory.
    func fill(_ key: Key, _ entry: LiveEntry<Value>, now: UInt64) {
        memory.setValue(entry.entry, forKey: key, deadline: entry.staleUntil, now: now)
    }

    /// Puts a value, or its absence, into memory.
    func fill(_ key: Key, _ value: Value?, lifetime: Duration, grace: Duration) {
        let now = clock.now
        let freshUntil = Deadline.after(lifetime, from: now)
        let isKept = lifetime > .zero
        let staleUntil = isKept ? (value == nil ? freshUntil : Deadline.after(lifetime + grace, from: now)) : now
        let entry = MemoryEntry(value: value, freshUntil: freshUntil)
        memory.setValue(entry, forKey: key, deadline: staleUntil, now: now)
    }

    func lifetime(of value: Value?, _ policy: CachePolicy) -> Duration {
        policy.lifetime(isAbsent: value == nil, random: policy.jitter > 0 ? .random(in: 0...1) : 0)
    }

    func checked(_ policy: CachePolicy?) throws(CacheError) -> CachePolicy {
        guard let policy else { return namespace.policy }
        try policy.validate()
        return policy
    }

    // MARK: Counting

    /// Counts a read by the source of its answer.
    func count(_ answer: Answer<Value>) -> Answer<Value> {
        switch answer.source {
        case .memory, .write: counters.lateMemoryHits.increment()
        case .store: counters.storeHits.increment()
        case .stale: counters.staleHits.increment()
        case .origin: counters.misses.increment()
        }
        return answer
    }
}

extension MemoryEntry {
    func isUsable(at now: UInt64, acceptsAbsence: Bool) -> Bool {
        freshUntil > now && (acceptsAbsence || value != nil)
    }
}
