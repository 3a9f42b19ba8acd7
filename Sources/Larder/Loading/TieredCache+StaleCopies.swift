import MemoryCache

extension TieredCache {
    /// A stale copy that may stand in for a load: the one in memory, or the given one.
    func standIn(for key: Key, _ fallback: LiveEntry<Value>? = nil) -> CacheResult<Value>? {
        let now = clock.now
        if let copy = held(key), copy.deadline > now, copy.value.value != nil {
            return answer(copy.value, at: now)
        }
        guard let fallback, mayStandIn(fallback, for: key) else { return nil }
        return answer(fallback, at: now)
    }

    /// Whether a copy that was found when a load began may still be served: it may have been invalidated since, by its
    /// tags or a pattern, which take no key from a load.
    private func mayStandIn(_ copy: LiveEntry<Value>, for key: Key) -> Bool {
        guard copy.staleUntil > clock.now, copy.value != nil else { return false }
        guard let mark = copy.mark, let storeKey = try? storeKey(key) else { return true }
        let tags = copy.details?.tags ?? []
        return coherence.service(ofEntryFrom: mark.number, key: storeKey, tags: tags) != .none
    }

    /// A stale copy for one who waited for a load that failed; counted.
    func standIn(
        for key: Key,
        _ fallback: LiveEntry<Value>? = nil,
        options: ReadOptions,
        orThrow error: @autoclosure () -> any Error
    ) throws -> CacheResult<Value> {
        if let answer = standIn(for: key, fallback) { return count(answer, options) }
        let error = error()
        countMiss(key, options, error)
        throw error
    }

    /// Lets a stale copy in memory rest before the next load, because one was abandoned or another process is at it.
    func rest(_ call: LoadCall<Key, Value>, for pause: Duration? = nil) {
        let now = clock.now
        let pause = Deadline.after(pause ?? call.policy.shortened(call.policy.retryPause), from: now)
        memory.update(forKey: call.key) { entry in
            if entry.freshUntil <= now { entry.nextLoad = max(entry.nextLoad, pause) }
            return true
        }
    }

    /// A stale copy, or the default value, for the leader of a load that failed.
    ///
    /// Memory keeps it for those who come next, and rests before the next load. If the key was touched meanwhile, the
    /// copy may have been removed: then only what memory has by now may stand in.
    func keptStandIn(
        for call: LoadCall<Key, Value>,
        _ copy: LiveEntry<Value>?,
        _ flight: Flight<Key, Value>,
        _ ticket: InvalidationNode.LoadTicket,
        insteadOf error: any Error
    ) -> CacheResult<Value>? {
        let mayKeep = flights.beginStoring(flight)
        if !mayKeep, let held = standIn(for: call.key) { return held }
        let now = clock.now
        let pause = Deadline.after(call.policy.shortened(call.policy.retryPause), from: now)
        let kept: LiveEntry<Value>
        if mayKeep, let copy, mayStandIn(copy, for: call.key) {
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
                mark: coherence.now,
                source: .defaultValue
            )
        } else {
            return nil
        }
        loadFailures.record("load key \(call.storeKey)", namespace.loggable(error), now: now)
        let entry = MemoryEntry(
            value: kept.value,
            freshUntil: min(kept.freshUntil, now),
            nextLoad: pause,
            mark: kept.mark?.number ?? 0,
            storedAt: kept.storedAt,
            details: EntryDetails.of(kept.details, idleLife: nil)
        )
        // A forced refresh that failed leaves what is fresh as it is.
        if mayKeep, kept.mark != nil, kept.freshUntil <= now, !call.options.contains(.skipMemoryWrite),
            mayKeepInMemory(call.storeKey)
        {
            memory.setValue(entry, forKey: call.key, deadline: kept.staleUntil, now: now)
            retract(call.key, call.storeKey, entry, touchedSince: ticket.applied)
        }
        return CacheResult(
            value: kept.value,
            source: kept.source,
            isStale: true,
            age: Deadline.age(of: kept.storedAt, at: now)
        )
    }

    /// The newer of the copies of memory and store that may still be served, or that a loader may compare with.
    func newest(
        _ cached: HeldEntry<Value>?,
        _ stored: LiveEntry<Value>?
    ) -> LiveEntry<Value>? {
        let now = clock.now
        let usable = stored.flatMap { $0.staleUntil > now && $0.value != nil ? $0 : nil }
        guard let cached, cached.deadline > now, cached.value.value != nil,
            cached.value.details?.isDefaultValue != true
        else { return usable }
        if let usable {
            let age = Deadline.age(of: usable.storedAt, at: now) + Self.inexactness
            guard Deadline.age(of: cached.value.storedAt, at: now) <= age else { return usable }
        }
        return LiveEntry(
            value: cached.value.value,
            timeToLive: .zero,
            storedAt: cached.value.storedAt,
            freshUntil: cached.value.freshUntil,
            staleUntil: cached.deadline,
            details: cached.value.details,
            mark: LogMark(cached.value.mark),
            source: .memory
        )
    }

    /// By how much the clocks of this process and of the store may differ in the age of an entry.
    private static var inexactness: Duration { .milliseconds(100) }

    /// What a loader is told of a copy.
    func staleCopy(_ copy: LiveEntry<Value>?) -> StaleCopy<Value>? {
        guard let copy, let value = copy.value else { return nil }
        return StaleCopy(
            value: value,
            age: Deadline.age(of: copy.storedAt, at: clock.now),
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
