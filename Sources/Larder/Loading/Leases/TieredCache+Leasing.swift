import MemoryCache

extension TieredCache {
    /// Loads a key once its lease is had, or takes what the process brings that has it.
    func leadUnderLease(
        _ leasing: LoadLeasing,
        _ flight: Flight<Key, Value>,
        _ call: LoadCall<Key, Value>,
        _ copy: LiveEntry<Value>?,
        _ load: Loader
    ) async throws -> CacheResult<Value> {
        let end = Deadline.after(min(leasing.rules.patience, call.policy.hardTimeout), from: clock.now)
        while true {
            let lease = await leasing.acquire(call.storeKey, call.policy)
            if case .taken = lease, clock.now < end {
                if leasing.rules.servesStale, let answer = standInMeanwhile(flight, call, copy, leasing.rules) {
                    return answer
                }
                let left = Deadline.duration(until: end, from: clock.now)
                await leasing.provider.waitForRelease(
                    of: call.storeKey,
                    atMost: min(leasing.rules.pollInterval, left)
                )
            }
            let answer: CacheResult<Value>? = try await leasing.holding(lease) {
                try Task.checkCancellation()
                // Whoever had the lease may have stored the value since it was looked for.
                let ticket = coherence.beginLoad()
                let finding = await find(call, ticket)
                if let answer = take(finding, flight, call, ticket) { return answer }
                if case .taken = lease, clock.now < end { return nil }
                flights.setFallback(of: flight, finding.entry)
                flights.renewDeadlines(of: [flight])
                let copy = newest(held(call.key, call.storeKey), finding.entry)
                return try await loadAndKeep(flight, call, copy, finding, ticket, load)
            }
            if let answer { return answer }
        }
    }

    /// A stale copy, for those who would have to wait for the load of another process.
    private func standInMeanwhile(
        _ flight: Flight<Key, Value>,
        _ call: LoadCall<Key, Value>,
        _ copy: LiveEntry<Value>?,
        _ rules: LeaseRules
    ) -> CacheResult<Value>? {
        guard let answer = standIn(for: call.key, copy) else { return nil }
        setValidity(of: flight, call.storeKey, tags: copy?.details?.tags ?? [], since: coherence.now)
        rest(call, for: rules.pollInterval)
        return answer
    }

    /// How a load gets its lease; `nil` where none is needed.
    func leasing(of call: LoadCall<Key, Value>) -> LoadLeasing? {
        guard let leasing, call.options.readsStore, store != nil, !isPassThrough else { return nil }
        return leasing
    }

    static func leasedElsewhere(_ key: Key) -> CacheError {
        CacheError(.overloaded, "Another process loads key \(key) already; it was not refreshed here.")
    }
}
