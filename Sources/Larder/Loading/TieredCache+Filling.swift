import MemoryCache

extension TieredCache {
    /// Puts an entry of the store into memory.
    ///
    /// An entry that was touched by an invalidation since the ticket was taken does not stay there.
    func fill(_ key: Key, _ storeKey: StoreKey, _ live: LiveEntry<Value>, _ ticket: InvalidationNode.LoadTicket) {
        guard mayKeepInMemory(storeKey), let mark = live.mark else { return }
        let idleLife = live.isFresh(at: clock.now) ? idleLife(storeKey, until: live.freshUntil) : nil
        let freshUntil = idleLife?.freshUntil(from: clock.now) ?? live.freshUntil
        let loadDuration = live.loadCost > .zero ? live.loadCost : counters.typicalLoad
        let entry = MemoryEntry(
            value: live.value,
            freshUntil: freshUntil,
            nextLoad: refreshTime(freshUntil, live.timeToLive, namespace.policy, loadDuration),
            mark: mark.number,
            storedAt: live.storedAt,
            details: EntryDetails.of(live.details, idleLife: idleLife)
        )
        noteDeparture(key, nil)
        memory.setValue(entry, forKey: key, deadline: live.staleUntil, now: clock.now)
        fillListener.withLock { $0 }?.call((key, freshUntil, loadDuration))
        retract(key, storeKey, entry, touchedSince: ticket.applied)
    }

    /// Takes back what was put into memory if another process has touched it since, or if it may not be there.
    ///
    /// What the log says of a key, and what fails of an invalidation, removes it from memory once. A value that was on
    /// its way then would come in behind that.
    func retract(
        _ key: Key,
        _ storeKey: StoreKey,
        _ entry: MemoryEntry<Value>,
        touchedSince mark: LogMark
    ) {
        if !mayKeepInMemory(storeKey) { memory.removeValue(forKey: key) }
        guard coherence.now > mark,
            coherence.isTouched(storeKey, tags: entry.details?.tags ?? [], since: mark)
        else { return }
        memory.update(forKey: key) { $0.mark > entry.mark }
        countFencedLoad(key)
    }

    /// Puts a value, or its absence, into memory, or takes out what is there if it is not to be kept.
    func put(
        _ key: Key,
        _ item: LoadedValue<Value>,
        _ options: ReadOptions = [],
        loadDuration: Duration,
        touchedSince mark: LogMark
    ) {
        guard !options.contains(.skipMemoryWrite), mayKeepInMemory(item.storeKey) else { return }
        let now = clock.now
        let end = Deadline.after(item.lifetime, from: now)
        let idleLife = item.value == nil ? nil : idleLife(item.storeKey, until: end)
        let freshUntil = idleLife?.freshUntil(from: now) ?? end
        let grace = item.value == nil ? .zero : item.policy.grace
        let isKept = item.lifetime > .zero && item.tiers.contains(.memory)
        let entry = MemoryEntry(
            value: item.value,
            freshUntil: freshUntil,
            nextLoad: refreshTime(freshUntil, item.lifetime, item.policy, loadDuration),
            mark: item.mark.number,
            storedAt: now,
            details: EntryDetails.of(item.details, idleLife: idleLife)
        )
        let deadline = isKept ? Deadline.after(item.lifetime + grace, from: now) : now
        noteDeparture(key, nil)
        memory.setValue(entry, forKey: key, deadline: deadline, now: now)
        if isKept { fillListener.withLock { $0 }?.call((key, freshUntil, loadDuration)) }
        retract(key, item.storeKey, entry, touchedSince: mark)
    }

    /// When a hit on an entry starts a refresh; its expiry, if none does.
    private func refreshTime(
        _ freshUntil: UInt64,
        _ timeToLive: Duration,
        _ policy: CachePolicy,
        _ loadDuration: Duration
    ) -> UInt64 {
        let lead = policy.refreshAhead.lead(
            timeToLive: timeToLive,
            loadDuration: loadDuration,
            jitter: policy.jitter,
            random: 1 - .random(in: 0..<1)
        )
        guard let lead, lead > .zero else { return freshUntil }
        return freshUntil - min(freshUntil, UInt64(clamping: lead.wholeNanoseconds))
    }

    /// How long a load took, which also becomes part of what loads typically take.
    func loadDuration(since start: UInt64) -> Duration {
        let duration = Deadline.duration(until: clock.now, from: start)
        counters.noteLoad(duration)
        return duration
    }

    /// The policy of a call.
    func checked(_ policy: CachePolicy?) throws(CacheError) -> CachePolicy {
        guard let policy else { return namespace.policy }
        try policy.validate()
        return policy
    }
}

// MARK: - Answers

extension TieredCache {
    /// The answer of an entry of memory.
    @usableFromInline
    func answer(_ entry: MemoryEntry<Value>, at now: UInt64) -> CacheResult<Value> {
        let isDefaultValue = entry.details?.isDefaultValue == true
        return CacheResult(
            value: entry.value,
            source: isDefaultValue ? .defaultValue : .memory,
            isStale: entry.freshUntil <= now,
            age: Deadline.age(of: entry.storedAt, at: now)
        )
    }

    /// The answer of an entry on its way between the tiers.
    func answer(_ entry: LiveEntry<Value>, at now: UInt64) -> CacheResult<Value> {
        CacheResult(
            value: entry.value,
            source: entry.source,
            isStale: entry.freshUntil <= now,
            age: Deadline.age(of: entry.storedAt, at: now)
        )
    }

    /// Counts a read by the source of its answer.
    func count(_ answer: CacheResult<Value>, _ options: ReadOptions) -> CacheResult<Value> {
        if options.contains(.ahead) { return answer }
        if answer.isStale {
            counters.staleHits.increment()
            monitor?.record(.staleAge, answer.age)
        } else {
            switch answer.source {
            case .memory: counters.lateMemoryHits.increment()
            case .store: counters.storeHits.increment()
            case .origin, .defaultValue: counters.countMiss(answer.missReason ?? .cold)
            }
        }
        return answer
    }
}
