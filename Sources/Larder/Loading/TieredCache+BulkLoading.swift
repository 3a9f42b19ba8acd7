import MemoryCache

extension TieredCache {
    /// Reads several values, and loads those that no tier has with one call.
    ///
    /// Memory is looked through first, then the store in one round trip. Keys that other callers are loading are
    /// not loaded again but waited for, and other callers wait for the keys that are loaded here.
    ///
    /// - Parameters:
    ///   - keys: The keys of the entries; repetitions are allowed.
    ///   - policy: The policy of what is loaded; the namespace's unless given.
    ///   - load: Produces the values of the keys it is given, which are all different. A key that its result leaves
    ///     out is remembered as absent. It may be called again for keys whose load another caller gave up.
    /// - Returns: The values that there are, under their keys.
    /// - Throws: The loader's error, unless each key that it should have loaded has a stale copy within its grace;
    ///   `CancellationError` if the task was cancelled; ``CacheError`` for a key or a policy out of range, or with
    ///   the code `loadTimedOut`.
    public func values(
        forKeys keys: some Sequence<Key>,
        policy: CachePolicy? = nil,
        orLoad load: ([Key]) async throws -> [Key: Value]
    ) async throws -> [Key: Value] {
        let policy = try checked(policy)
        var bulk = BulkRead<Key, Value>()
        let now = clock.now
        for key in Set(keys) {
            if let cached = memory.value(forKey: key, now: now) {
                if cached.freshUntil > now {
                    bulk.values[key] = cached.value
                    continue
                }
                countUnusedMemoryHit()
            }
            bulk.pending[key] = try storeKey(key)
        }
        do {
            while !bulk.isDone {
                join(&bulk, policy)
                try await lead(&bulk, policy, load)
                try await wait(&bulk)
            }
        } catch {
            abandon(&bulk, error)
            throw error
        }
        return bulk.values
    }

    /// Joins or opens the flights of the pending keys.
    private func join(_ bulk: inout BulkRead<Key, Value>, _ policy: CachePolicy) {
        let now = clock.now
        for (key, storeKey) in bulk.pending {
            switch flights.join(key, now: now, patience: policy.loadDeadline) {
            case .lead(let flight):
                bulk.leads.append(.init(flight: flight, storeKey: storeKey))
            case .wait(let waiter):
                if bulk.coalesced.insert(key).inserted { counters.coalescedReads.increment() }
                bulk.waits.append(.init(waiter: waiter, storeKey: storeKey))
            }
        }
        bulk.pending = [:]
    }

    /// Looks through the tiers for all keys that this call leads, and loads the rest.
    private func lead(
        _ bulk: inout BulkRead<Key, Value>,
        _ policy: CachePolicy,
        _ load: ([Key]) async throws -> [Key: Value]
    ) async throws {
        settle(&bulk) { lead in
            guard let cached = memory.peek(forKey: lead.flight.key), cached.value.freshUntil > clock.now else {
                return nil
            }
            return Answer(value: cached.value.value, source: .memory)
        }
        guard !bulk.leads.isEmpty else { return }
        let stored = await store?.read(bulk.leads.map(\.storeKey)) ?? bulk.leads.map { _ in nil }
        for index in bulk.leads.indices { bulk.leads[index].stored = stored[index] }
        settle(&bulk) { lead in
            guard let stored = lead.stored, stored.isFresh(at: clock.now) else { return nil }
            if flights.beginStoring(lead.flight) { fill(lead.flight.key, stored) }
            return Answer(value: stored.value, source: .store)
        }
        guard !bulk.leads.isEmpty else { return }
        for lead in bulk.leads where lead.stored != nil { flights.setFallback(of: lead.flight, lead.stored) }
        try Task.checkCancellation()
        counters.loads.increment()
        let start = clock.now
        do {
            let values = try await load(bulk.leads.map(\.flight.key))
            await keep(values, of: bulk.leads, policy, loadDuration: loadDuration(since: start))
            settle(&bulk) { Answer(value: values[$0.flight.key], source: .origin) }
        } catch {
            if Task.isCancelled { throw error }
            counters.loadFailures.increment()
            settle(&bulk) { keptStandIn(for: $0.flight.key, $0.stored, $0.flight) }
            guard bulk.leads.isEmpty else { throw error }
        }
    }

    /// Ends the flights that have an answer.
    private func settle(
        _ bulk: inout BulkRead<Key, Value>,
        _ answer: (BulkRead<Key, Value>.Lead) -> Answer<Value>?
    ) {
        var open: [BulkRead<Key, Value>.Lead] = []
        for lead in bulk.leads {
            if let answer = answer(lead) {
                bulk.values[lead.flight.key] = count(answer).value
                flights.finish(lead.flight, .answer(answer))
            } else {
                open.append(lead)
            }
        }
        bulk.leads = open
    }

    /// Stores what was loaded in all tiers, but for the keys that were touched meanwhile.
    private func keep(
        _ values: [Key: Value],
        of leads: [BulkRead<Key, Value>.Lead],
        _ policy: CachePolicy,
        loadDuration: Duration
    ) async {
        var loaded: [(key: Key, value: LoadedValue<Value>)] = []
        for lead in leads {
            guard flights.beginStoring(lead.flight) else {
                counters.fencedLoads.increment()
                continue
            }
            let value = values[lead.flight.key]
            let lifetime = lifetime(of: value, policy)
            loaded.append((lead.flight.key, LoadedValue(value: value, storeKey: lead.storeKey, lifetime: lifetime)))
        }
        await store?.keep(loaded.map(\.value), grace: policy.grace)
        for (key, item) in loaded {
            fill(key, item.value, lifetime: item.lifetime, policy, loadDuration: loadDuration)
        }
    }

    /// Waits for the keys that others lead, until there is one that nobody leads any more.
    ///
    /// Such a key is taken up at once: two calls that each held a lead while they waited for the other's would wait
    /// for ever.
    private func wait(_ bulk: inout BulkRead<Key, Value>) async throws {
        while bulk.pending.isEmpty, bulk.leads.isEmpty, let wait = bulk.waits.popLast() {
            let key = wait.waiter.flight.key
            switch await flights.turn(of: wait.waiter) {
            case .answer(let answer):
                bulk.values[key] = count(answer).value
            case .failure(let error):
                bulk.values[key] = try standIn(for: key, orThrow: error).value
            case .abandoned(let fallback):
                bulk.values[key] = try standIn(for: key, fallback, orThrow: Self.abandonedLoad(of: key)).value
            case .lead(let flight):
                bulk.leads.append(.init(flight: flight, storeKey: wait.storeKey))
            case .retry:
                bulk.pending[key] = wait.storeKey
            case .cancelled:
                countMiss()
                throw CancellationError()
            }
        }
    }

    /// Lets go of all flights after an error.
    private func abandon(_ bulk: inout BulkRead<Key, Value>, _ error: any Error) {
        for lead in bulk.leads {
            countMiss()
            if Task.isCancelled {
                flights.handOver(lead.flight)
            } else {
                flights.finish(lead.flight, .failure(error))
            }
        }
        for wait in bulk.waits {
            countMiss()
            flights.leave(wait.waiter)
        }
    }
}

/// What a bulk read has found, and what it still waits for.
private struct BulkRead<Key: CacheKey, Value: Sendable> {
    struct Lead {
        let flight: Flight<Key, Value>
        let storeKey: StoreKey
        var stored: LiveEntry<Value>?

        init(flight: Flight<Key, Value>, storeKey: StoreKey) {
            self.flight = flight
            self.storeKey = storeKey
        }
    }

    struct Wait {
        let waiter: Waiter<Key, Value>
        let storeKey: StoreKey
    }

    var values: [Key: Value] = [:]
    var pending: [Key: StoreKey] = [:]
    var leads: [Lead] = []
    var waits: [Wait] = []

    /// The keys for which this read waited for another's load, each counted once.
    var coalesced: Set<Key> = []

    var isDone: Bool { pending.isEmpty && leads.isEmpty && waits.isEmpty }
}
