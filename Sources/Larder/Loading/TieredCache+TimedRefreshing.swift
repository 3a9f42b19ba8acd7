import MemoryCache

extension TieredCache {
    /// Sees to it that a key that was just read is refreshed when its interval is over.
    ///
    /// Notes in the entry when that will be, so that further hits do not come here, and so that a hit starts the
    /// refresh if the timer did not.
    ///
    /// - Returns: Whether there is nothing more to do, because the interval is not over.
    func scheduleRefresh(_ key: Key, every interval: Duration, _ timer: RefreshTimer<Key>) -> Bool {
        let now = clock.now
        guard let flight = flights.lead(key, now: now, timeLimit: namespace.policy.loadDeadline) else { return true }
        guard let held = memory.peek(forKey: key), held.value.nextLoad <= now, held.value.freshUntil > now else {
            flights.handOver(flight)
            return true
        }
        let left = namespace.policy.shortened(interval) - Deadline.age(of: held.value.storedAt, at: now)
        let due = Deadline.after(max(.zero, left), from: now)
        guard due > now, held.value.nextLoad < due else {
            flights.handOver(flight)
            return false
        }
        if flights.beginStoring(flight) {
            setNextLoad(of: key, to: due, ifStoredAt: held.value.storedAt)
            timer.set(key, at: due)
        }
        flights.finish(flight, .retry)
        return true
    }
}

/// The moments at which keys that are still read are refreshed.
final class RefreshTimer<Key: CacheKey>: Sendable {
    /// How many keys have a moment at most; those beyond it are refreshed by the next hit after their interval.
    private static var limit: Int { 100_000 }

    private let watch: DeadlineWatch
    private let moments = Locked(IndexedHeap<Key>())

    init(clock: CacheClock) {
        watch = DeadlineWatch(clock: clock)
    }

    /// Says what to do when the moment of a key has come.
    func start(_ refresh: @escaping @Sendable (Key) -> Void) {
        watch.expire = { [weak self] now in self?.fire(at: now, refresh) }
    }

    func set(_ key: Key, at moment: UInt64) {
        let isSet = moments.withLock { moments in
            guard moments.count < Self.limit else { return false }
            moments.setRank(moment, of: key)
            return true
        }
        if isSet { watch.cover(moment) }
    }

    private func fire(at now: UInt64, _ refresh: (Key) -> Void) -> UInt64? {
        var due: [Key] = []
        let next = moments.withLock { moments in
            while let first = moments.first, first.rank <= now {
                due.append(first.element)
                moments.setRank(nil, of: first.element)
            }
            return moments.first?.rank
        }
        for key in due { refresh(key) }
        return next
    }
}
