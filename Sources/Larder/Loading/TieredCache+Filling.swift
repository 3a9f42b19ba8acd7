import MemoryCache

extension TieredCache {
    /// Puts an entry of the store into memory.
    func fill(_ key: Key, _ live: LiveEntry<Value>) {
        let entry = MemoryEntry(
            value: live.value,
            freshUntil: live.freshUntil,
            refreshAt: refreshTime(live.freshUntil, live.timeToLive, namespace.policy, counters.typicalLoad)
        )
        memory.setValue(entry, forKey: key, deadline: live.staleUntil, now: clock.now)
    }

    /// Puts a value, or its absence, into memory.
    func fill(
        _ key: Key,
        _ value: Value?,
        lifetime: Duration,
        _ policy: CachePolicy,
        loadDuration: Duration
    ) {
        let now = clock.now
        let freshUntil = Deadline.after(lifetime, from: now)
        let isKept = lifetime > .zero
        let grace = value == nil ? .zero : policy.grace
        let entry = MemoryEntry(
            value: value,
            freshUntil: freshUntil,
            refreshAt: refreshTime(freshUntil, lifetime, policy, loadDuration)
        )
        let staleUntil = isKept ? Deadline.after(lifetime + grace, from: now) : now
        memory.setValue(entry, forKey: key, deadline: staleUntil, now: now)
    }

    /// When a hit on an entry starts a refresh.
    private func refreshTime(
        _ freshUntil: UInt64,
        _ timeToLive: Duration,
        _ policy: CachePolicy,
        _ loadDuration: Duration
    ) -> UInt64 {
        let lead = policy.refreshAhead.lead(
            timeToLive: timeToLive,
            loadDuration: loadDuration,
            random: 1 - .random(in: 0..<1)
        )
        guard let lead, lead > .zero else { return Deadline.never }
        return freshUntil - min(freshUntil, UInt64(clamping: lead.wholeNanoseconds))
    }

    /// How long a load took, which also becomes part of what loads typically take.
    func loadDuration(since start: UInt64) -> Duration {
        let duration = Duration.nanoseconds(Int64(clamping: clock.now - min(start, clock.now)))
        counters.noteLoad(duration)
        return duration
    }

    /// How long a value, or its absence, shall be fresh.
    func lifetime(of value: Value?, _ policy: CachePolicy) -> Duration {
        policy.lifetime(isAbsent: value == nil, random: policy.jitter > 0 ? .random(in: 0...1) : 0)
    }

    /// The policy of a call.
    func checked(_ policy: CachePolicy?) throws(CacheError) -> CachePolicy {
        guard let policy else { return namespace.policy }
        try policy.validate()
        return policy
    }

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

extension LiveEntry {
    func isUsable(at now: UInt64, acceptsAbsence: Bool) -> Bool {
        freshUntil > now && (acceptsAbsence || value != nil)
    }
}

extension MemoryEntry {
    func isUsable(at now: UInt64, acceptsAbsence: Bool) -> Bool {
        freshUntil > now && (acceptsAbsence || value != nil)
    }
}
