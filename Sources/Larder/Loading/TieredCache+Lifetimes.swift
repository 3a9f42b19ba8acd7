import MemoryCache

extension TieredCache {
    /// How long a loaded value, or its absence, shall be fresh.
    ///
    /// The rules of the namespace hold where neither the call nor the loader asked for another lifetime.
    func lifetime(isAbsent: Bool, _ storeKey: StoreKey, _ policy: CachePolicy) -> EntryLifetime {
        if isAbsent { return EntryLifetime(timeToLive: policy.shortened(policy.negativeTimeToLive)) }
        guard policy.timeToLive == namespace.policy.timeToLive, let rule = lifetimeRule(storeKey) else {
            return EntryLifetime(timeToLive: policy.shortened(policy.timeToLive))
        }
        var lifetime = rule.lifetime.resolved(at: clock.wallTime())
        lifetime.timeToLive = min(lifetime.timeToLive, CachePolicy.maximumDuration)
        // A time of day is a promise: the entry is not to go before it.
        if case .untilTimeOfDay = rule.lifetime { return lifetime }
        lifetime.timeToLive = policy.shortened(lifetime.timeToLive)
        return lifetime
    }

    /// The life after access of an entry whose whole life ends at a moment, if there is a rule for it.
    func idleLife(_ storeKey: StoreKey, until limit: UInt64) -> IdleLife? {
        guard case .afterAccess(let duration, _) = lifetimeRule(storeKey)?.lifetime else { return nil }
        return IdleLife(duration: UInt64(clamping: duration.wholeNanoseconds), limit: limit)
    }

    private func lifetimeRule(_ storeKey: StoreKey) -> LifetimeRule? {
        guard let rules = namespace.lifetimes?.rules else { return nil }
        let name = storeKey.bytes.dropFirst(keyPrefix.count)
        return rules.first { $0.pattern.matches(name) }
    }
}

/// The life of an entry that ends when nobody has read it for a while.
///
/// Hits do not note when they happened. Instead the entry is fresh for an eighth of the time, and then renewed by the
/// next read, so that it ends between the time and an eighth more after the last read.
struct IdleLife: Hashable, Sendable {
    /// How long the entry lives after a read, in nanoseconds.
    let duration: UInt64

    /// When it ends at the latest.
    let limit: UInt64

    /// Until when the entry is fresh without a further look, from a read on.
    func freshUntil(from now: UInt64) -> UInt64 {
        let (moment, overflow) = now.addingReportingOverflow(max(1, duration / 8))
        return overflow ? limit : min(moment, limit)
    }

    /// Whether an entry that was fresh until a moment is still alive.
    func isAlive(freshUntil: UInt64, at now: UInt64) -> Bool {
        let (end, overflow) = freshUntil.addingReportingOverflow(duration)
        return now < min(overflow ? limit : end, limit)
    }
}
