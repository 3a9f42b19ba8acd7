import MemoryCache

extension TieredCache {
    /// A stale copy that may stand in for a load: the one in memory, or the given one.
    func standIn(for key: Key, _ fallback: LiveEntry<Value>? = nil) -> CacheResult<Value>? {
        let now = clock.now
        if let copy = held(key), copy.deadline > now, copy.value.value != nil {
            return answer(copy.value, at: now)
        }
        guard let fallback, fallback.staleUntil > now, fallback.value != nil,
            isServable(fallback, key, since: fallback.judged)
        else { return nil }
        return answer(fallback, at: now)
    }

    /// A stale copy for one who waited for a load that failed; counted.
    func standIn(
        for key: Key,
        _ fallback: LiveEntry<Value>? = nil,
        orThrow error: @autoclosure () -> any Error
    ) throws -> CacheResult<Value> {
        if let answer = standIn(for: key, fallback) { return count(answer) }
        countMiss()
        throw error()
    }

    /// A stale copy, or the default value, for the leader of a load that failed.
    ///
    /// Memory keeps it for those who come next, and rests before the next load, unless the key was touched meanwhile.
    func keptStandIn(
        for call: LoadCall<Key, Value>,
        _ copy: LiveEntry<Value>?,
        _ flight: Flight<Key, Value>,
        _ ticket: InvalidationNode.LoadTicket,
        insteadOf error: any Error
    ) -> CacheResult<Value>? {
        let now = clock.now
        let pause = Deadline.after(call.policy.shortened(call.policy.retryPause), from: now)
        let kept: LiveEntry<Value>
        if let copy, copy.staleUntil > now, copy.value != nil, isServable(copy, call.key, since: ticket.applied) {
            kept = copy
            setValidity(of: flight, call.storeKey, tags: copy.details?.tags ?? [], since: ticket.applied)
        } else if let value = namespace.defaultValue?(call.key) {
            kept = LiveEntry(
                value: value,
                timeToLive: .zero,
                storedAt: now,
                freshUntil: now,
                staleUntil: pause,
                details: .defaultValue,
                mark: coherence.now
            )
        } else {
            return nil
        }
        loadFailures.record("load key \(call.storeKey)", error, now: now)
        let entry = MemoryEntry(
            value: kept.value,
            freshUntil: min(kept.freshUntil, now),
            nextLoad: pause,
            mark: kept.mark?.number ?? 0,
            storedAt: kept.storedAt,
            details: kept.details
        )
        if !call.options.contains(.skipMemoryWrite), kept.mark != nil, flights.beginStoring(flight) {
            memory.setValue(entry, forKey: call.key, deadline: kept.staleUntil, now: now)
            retract(call.key, call.storeKey, entry, touchedSince: ticket.applied)
        }
        return answer(entry, at: now)
    }

    /// The newer of the copies of memory and store that may still be served, or that a loader may compare with.
    func newest(
        _ cached: (value: MemoryEntry<Value>, deadline: UInt64)?,
        _ stored: LiveEntry<Value>?
    ) -> LiveEntry<Value>? {
        let now = clock.now
        let usable = stored.flatMap { $0.staleUntil > now && $0.value != nil ? $0 : nil }
        guard let cached, cached.deadline > now, cached.value.value != nil,
            cached.value.details?.isDefaultValue != true,
            cached.value.freshUntil >= usable?.freshUntil ?? 0
        else { return usable }
        return LiveEntry(
            value: cached.value.value,
            timeToLive: .zero,
            storedAt: cached.value.storedAt,
            freshUntil: cached.value.freshUntil,
            staleUntil: cached.deadline,
            details: cached.value.details,
            mark: LogMark(cached.value.mark)
        )
    }

    /// What a loader is told of a copy.
    func staleCopy(_ copy: LiveEntry<Value>?) -> StaleCopy<Value>? {
        guard let copy, let value = copy.value else { return nil }
        return StaleCopy(
            value: value,
            age: Deadline.duration(until: clock.now, from: copy.storedAt),
            entityTag: copy.details?.entityTag,
            lastModified: copy.details?.lastModified,
            tags: copy.details?.tags ?? []
        )
    }
}

// MARK: - Errors of those who wait

extension TieredCache {
    static func abandonedLoad(of key: Key) -> CacheError {
        CacheError(
            .loadTimedOut,
            "The load of key \(key) passed its deadline and was abandoned; check the origin, or raise loadDeadline."
        )
    }

    static func overdueLoad(of key: Key) -> CacheError {
        CacheError(
            .loadTimedOut,
            "The load of key \(key) took longer than this caller waits; check the origin, or raise hardTimeout."
        )
    }

    static func overcrowdedLoad(of key: Key) -> CacheError {
        CacheError(
            .overloaded,
            "Too many callers wait for the load of key \(key); check the origin, or raise maximumWaiters."
        )
    }
}
