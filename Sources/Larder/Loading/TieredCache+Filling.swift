import MemoryCache

extension TieredCache {
    /// Puts an entry of the store into memory.
    func fill(_ key: Key, _ entry: LiveEntry<Value>) {
        memory.setValue(entry.entry, forKey: key, deadline: entry.staleUntil, now: clock.now)
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

extension MemoryEntry {
    func isUsable(at now: UInt64, acceptsAbsence: Bool) -> Bool {
        freshUntil > now && (acceptsAbsence || value != nil)
    }
}
