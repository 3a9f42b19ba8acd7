import MemoryCache

extension TieredCache {
    /// Produces the values of several keys.
    @usableFromInline
    typealias BulkLoader = ([Key]) async throws -> [Key: LoadResult<Value>]

    /// Reads several values, and loads those that no tier has with one call.
    ///
    /// Memory is looked through first, then the store in one round trip. Keys that other callers are loading are
    /// not loaded again but waited for, and other callers wait for the keys that are loaded here.
    ///
    /// - Parameters:
    ///   - keys: The keys of the entries; repetitions are allowed.
    ///   - policy: The policy of what is loaded; the namespace's unless given.
    ///   - options: What this read does differently.
    ///   - load: Produces the values of the keys it is given, which are all different, at most the namespace's
    ///     ``CacheNamespace/maximumBatch``. A key that its result leaves out is remembered as absent, for the policy's
    ///     negative time to live. It may be called several times.
    /// - Returns: The values that there are, under their keys.
    /// - Throws: The loader's error, unless each key that it should have loaded has a stale copy within its grace;
    ///   `CancellationError` if the task was cancelled; ``CacheError`` for a key or a policy out of range, or with
    ///   the codes `loadTimedOut` and `overloaded`.
    public func values(
        forKeys keys: some Sequence<Key>,
        policy: CachePolicy? = nil,
        options: ReadOptions = [],
        orLoad load: ([Key]) async throws -> [Key: Value]
    ) async throws -> [Key: Value] {
        let results = try await results(forKeys: keys, policy: policy, options: options) { keys in
            let values = try await load(keys)
            return Dictionary(uniqueKeysWithValues: keys.map { ($0, LoadResult(values[$0])) })
        }
        var values: [Key: Value] = [:]
        for (key, result) in results { values[key] = try result.get().value }
        return values
    }

    /// Reads several values, and loads those that no tier has with one call, which may fail for some of the keys.
    ///
    /// - Parameters:
    ///   - keys: The keys of the entries; repetitions are allowed.
    ///   - policy: The policy of what is loaded; the namespace's unless given.
    ///   - options: What this read does differently.
    ///   - load: Produces a result for each key it is given, as in ``values(forKeys:policy:options:orLoad:)``; a key
    ///     that it leaves out is absent. Where it throws, it has failed for all of them.
    /// - Returns: For each key the answer, or the error where its load failed and no stale copy can stand in.
    /// - Throws: `CancellationError` if the task was cancelled; ``CacheError`` for a key or a policy out of range.
    public func results(
        forKeys keys: some Sequence<Key>,
        policy: CachePolicy? = nil,
        options: ReadOptions = [],
        orLoad load: ([Key]) async throws -> [Key: LoadResult<Value>]
    ) async throws -> [Key: Result<CacheResult<Value>, any Error>] {
        let policy = try checked(policy)
        var bulk = BulkRead<Key, Value>()
        let options = effective(options)
        await prepare()
        let now = clock.now
        for key in Set(keys) {
            if options.takesHitAtOnce, let cached = memory.value(forKey: key, now: now) {
                if cached.freshUntil > now, cached.mark >= coherence.lazyMark(at: now) {
                    bulk.results[key] = .success(answer(cached, at: now))
                    continue
                }
                countUnusedMemoryHit()
            }
            var call = try call(key, policy, options, acceptsAbsence: true)
            if let answer = earlyAnswer(&call) {
                bulk.results[key] = .success(count(answer, options))
            } else {
                bulk.pending[key] = call
            }
        }
        guard !bulk.isDone, let spans else { return try await resolve(bulk, options, load) }
        return try await spans.bulkRead(of: bulk.pending.count) { try await resolve(bulk, options, load) }
    }

    /// Reads the keys of a bulk read that memory did not have.
    private func resolve(
        _ bulk: BulkRead<Key, Value>,
        _ options: ReadOptions,
        _ load: BulkLoader
    ) async throws -> [Key: Result<CacheResult<Value>, any Error>] {
        var bulk = bulk
        do {
            if options.contains(.forceRefresh) {
                for key in bulk.pending.keys { try await flights.detachLoad(of: key) }
            }
            while !bulk.isDone {
                join(&bulk)
                try await lead(&bulk, load)
                try await wait(&bulk)
            }
        } catch {
            abandon(&bulk, error)
            throw error
        }
        return bulk.results
    }

    /// Joins or opens the flights of the pending keys.
    private func join(_ bulk: inout BulkRead<Key, Value>) {
        var again: [Key: LoadCall<Key, Value>] = [:]
        for (key, pending) in bulk.pending {
            switch join(pending) {
            case .lead(let flight):
                bulk.leads.append(.init(flight: flight, call: pending))
            case .wait(let waiter):
                if bulk.coalesced.insert(key).inserted { counters.coalescedReads.increment() }
                bulk.waits.append(.init(waiter: waiter, call: pending))
            case .takeCopy:
                if let copy = standIn(for: key) {
                    bulk.results[key] = .success(count(copy, pending.options))
                } else {
                    var call = pending
                    call.hasCopy = false
                    again[key] = call
                }
            case .refuse:
                bulk.results[key] = Result {
                    try standIn(for: key, options: pending.options, orThrow: Self.overcrowdedLoad(of: key))
                }
            }
        }
        bulk.pending = again
    }

    /// Waits for the keys that others lead, until there is one that nobody leads any more.
    ///
    /// Such a key is taken up at once: two calls that each held a lead while they waited for the other's would wait
    /// for ever.
    private func wait(_ bulk: inout BulkRead<Key, Value>) async throws {
        while bulk.pending.isEmpty, bulk.leads.isEmpty, let wait = bulk.waits.popLast() {
            let key = wait.call.key
            let turn = await flights.turn(of: wait.waiter)
            do {
                switch try step(after: turn, wait.call) {
                case .answer(let answer): bulk.results[key] = .success(answer)
                case .lead(let flight): bulk.leads.append(.init(flight: flight, call: wait.call))
                case .again: bulk.pending[key] = wait.call
                }
            } catch {
                if case .cancelled = turn { throw error }
                bulk.results[key] = .failure(error)
            }
        }
    }

    /// Lets go of all flights after the cancellation of the task.
    private func abandon(_ bulk: inout BulkRead<Key, Value>, _ error: any Error) {
        for call in bulk.pending.values { countMiss(call.key, call.options, error) }
        for lead in bulk.leads {
            countMiss(lead.call.key, lead.call.options, error)
            if Task.isCancelled {
                flights.handOver(lead.flight)
            } else {
                flights.finish(lead.flight, .failure(error))
            }
        }
        for wait in bulk.waits {
            countMiss(wait.call.key, wait.call.options, error)
            flights.leave(wait.waiter)
        }
    }
}

/// What a bulk read has found, and what it still waits for.
struct BulkRead<Key: CacheKey, Value: Sendable> {
    struct Lead {
        let flight: Flight<Key, Value>
        let call: LoadCall<Key, Value>
        var finding = StoreFinding<Value>.unknown

        init(flight: Flight<Key, Value>, call: LoadCall<Key, Value>) {
            self.flight = flight
            self.call = call
        }
    }

    struct Wait {
        let waiter: Waiter<Key, Value>
        let call: LoadCall<Key, Value>
    }

    var results: [Key: Result<CacheResult<Value>, any Error>] = [:]
    var pending: [Key: LoadCall<Key, Value>] = [:]
    var leads: [Lead] = []
    var waits: [Wait] = []

    /// The keys for which this read waited for another's load, each counted once.
    var coalesced: Set<Key> = []

    var isDone: Bool { pending.isEmpty && leads.isEmpty && waits.isEmpty }
}
