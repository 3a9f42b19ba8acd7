public import MemoryCache

extension TieredCache {
    /// Reads a value, or loads and caches it.
    ///
    /// Other languages' caches call this `getOrSet`, `get` with a factory, or `get_or_load`.
    ///
    /// - Parameters:
    ///   - key: The key of the entry, 1 to ``CacheSystem/Configuration/maximumKeyBytes`` bytes in its encoded form.
    ///   - policy: The policy of what is loaded; the namespace's unless given. It is not looked at on a hit.
    ///   - options: What this read does differently.
    ///   - load: Produces the value. It runs in the task of the caller, for one caller at a time, unless the key is
    ///     written or removed meanwhile or a load passes its deadline.
    /// - Returns: The value: fresh, just loaded, or a stale copy within its grace if loading failed or takes long.
    /// - Throws: The loader's error; `CancellationError` if the task was cancelled; ``CacheError`` for a key or a
    ///   policy out of range, or with the codes `loadTimedOut` and `overloaded`.
    /// - Complexity: O(1) on a hit in memory, which neither allocates nor suspends.
    @inlinable
    @inline(__always)
    public func value(
        forKey key: Key,
        policy: CachePolicy? = nil,
        options: ReadOptions = [],
        orLoad load: (Key) async throws -> Value
    ) async throws -> Value {
        let now = time.now
        if options.takesHitAtOnce, let entry = look(key, now) {
            if entry.freshUntil > now, entry.mark >= coherence.lazyMark(at: now), let value = entry.value {
                return value
            }
            countUnusedMemoryHit()
        }
        return try await loadedValue(key, policy, options, load)
    }

    /// Reads a value that the origin may not have, or loads it and caches the value or its absence.
    ///
    /// - Parameters:
    ///   - key: The key of the entry, 1 to ``CacheSystem/Configuration/maximumKeyBytes`` bytes in its encoded form.
    ///   - policy: The policy of what is loaded; the namespace's unless given. It is not looked at on a hit.
    ///   - options: What this read does differently.
    ///   - load: Produces the value, or `nil` where the origin has none. It runs as in
    ///     ``value(forKey:policy:options:orLoad:)``.
    /// - Returns: The value: fresh, just loaded, or a stale copy within its grace if loading failed or takes long; or
    ///   `nil` for an absence, remembered or just learnt.
    /// - Throws: What ``value(forKey:policy:options:orLoad:)`` throws.
    /// - Complexity: O(1) on a hit in memory, which neither allocates nor suspends.
    @inlinable
    @inline(__always)
    public func valueIfPresent(
        forKey key: Key,
        policy: CachePolicy? = nil,
        options: ReadOptions = [],
        orLoad load: (Key) async throws -> Value?
    ) async throws -> Value? {
        let now = time.now
        if options.takesHitAtOnce, let entry = look(key, now) {
            if entry.freshUntil > now, entry.mark >= coherence.lazyMark(at: now) { return entry.value }
            countUnusedMemoryHit()
        }
        return try await resolve(key, policy, options, acceptsAbsence: true) { key, _ in
            LoadResult(try await load(key))
        }
        .value
    }

    /// Reads a value, or loads and caches it, with all that a loader may be told and may say, and tells where the
    /// answer came from.
    ///
    /// - Parameters:
    ///   - key: The key of the entry, 1 to ``CacheSystem/Configuration/maximumKeyBytes`` bytes in its encoded form.
    ///   - policy: The policy of what is loaded; the namespace's unless given. It is not looked at on a hit.
    ///   - options: What this read does differently.
    ///   - load: Produces the value. The context tells it of a stale copy to compare with, and takes lifetimes, tags
    ///     and the like of the result. It runs as in ``value(forKey:policy:options:orLoad:)``.
    /// - Returns: The answer, with its source and its age.
    /// - Throws: What ``value(forKey:policy:options:orLoad:)`` throws, or ``CacheError`` with the code `invalidLoad`.
    /// - Complexity: O(1) on a hit in memory, which neither allocates nor suspends.
    public func result(
        forKey key: Key,
        policy: CachePolicy? = nil,
        options: ReadOptions = [],
        orLoad load: (Key, inout LoadContext<Value>) async throws -> LoadResult<Value>
    ) async throws -> CacheResult<Value> {
        if let answer = freshAnswer(key, options) { return answer }
        return try await resolve(key, policy, options, acceptsAbsence: true, load)
    }

    /// Reads a value, or loads it in a task of its own, so that this call ends at its own timeouts.
    ///
    /// The loader may outlive the call. A caller with a stale copy waits for the policy's
    /// ``CachePolicy/softTimeout``, any other for its ``CachePolicy/hardTimeout``, whoever started the load.
    ///
    /// - Parameters:
    ///   - key: The key of the entry, 1 to ``CacheSystem/Configuration/maximumKeyBytes`` bytes in its encoded form.
    ///   - policy: The policy of what is loaded; the namespace's unless given. It is not looked at on a hit.
    ///   - options: What this read does differently.
    ///   - load: Produces the value, as in ``result(forKey:policy:options:orLoad:)``.
    /// - Returns: The answer, with its source and its age.
    /// - Throws: What ``result(forKey:policy:options:orLoad:)`` throws.
    /// - Complexity: O(1) on a hit in memory, which does not suspend.
    public func result(
        forKey key: Key,
        policy: CachePolicy? = nil,
        options: ReadOptions = [],
        orLoadInBackground load: @escaping @Sendable (Key, inout LoadContext<Value>) async throws -> LoadResult<Value>
    ) async throws -> CacheResult<Value> {
        if let answer = freshAnswer(key, options) { return answer }
        return try await resolveInBackground(key, policy, options, load)
    }

    /// Reads a value from memory or the store, without loading it.
    ///
    /// A write of the key that is under way is waited for; a load is not.
    ///
    /// - Parameters:
    ///   - key: The key of the entry, 1 to ``CacheSystem/Configuration/maximumKeyBytes`` bytes in its encoded form.
    ///   - options: What this read does differently; with ``ReadOptions/allowStale`` a stale copy is an answer.
    /// - Returns: The value, or `nil` if no tier has a fresh one.
    /// - Throws: ``CacheError`` for a key out of range, or `CancellationError`.
    public func value(forKey key: Key, options: ReadOptions = []) async throws -> Value? {
        try await result(forKey: key, options: options)?.value
    }

    /// Reads an entry from memory or the store, without loading it, and tells where the answer came from.
    ///
    /// - Parameters:
    ///   - key: The key of the entry, 1 to ``CacheSystem/Configuration/maximumKeyBytes`` bytes in its encoded form.
    ///   - options: What this read does differently; with ``ReadOptions/allowStale`` a stale copy is an answer.
    /// - Returns: The answer, whose value is `nil` for a remembered absence; or `nil` if no tier has one.
    /// - Throws: ``CacheError`` for a key out of range, or `CancellationError`.
    public func result(forKey key: Key, options: ReadOptions = []) async throws -> CacheResult<Value>? {
        if let answer = freshAnswer(key, options) { return answer }
        let storeKey = try storeKey(key)
        while let waiter = flights.joinWriting(key) {
            switch await flights.turn(of: waiter) {
            case .answer(let answer): return count(answer, options)
            case .cancelled:
                countMiss(key, options, CancellationError())
                throw CancellationError()
            case .failure, .abandoned, .overdue, .lead, .retry: break
            }
        }
        if options.readsMemory, let held = held(key, storeKey), held.value.freshUntil > clock.now {
            return count(answer(held.value, at: clock.now), options)
        }
        await prepare()
        if let answer = await readStore(key, storeKey, effective(options, storeKey)) { return count(answer, options) }
        if options.contains(.allowStale), let copy = standIn(for: key) { return count(copy, options) }
        counters.countMiss(missReason(key, options))
        try Task.checkCancellation()
        return nil
    }

    /// Reads the store, and fills memory unless another call is at work on the key.
    func readStore(_ key: Key, _ storeKey: StoreKey, _ options: ReadOptions) async -> CacheResult<Value>? {
        guard let store, options.readsStore else { return nil }
        let ticket = coherence.beginLoad()
        guard !options.contains(.skipMemoryWrite),
            let flight = flights.lead(key, now: clock.now, timeLimit: namespace.policy.loadDeadline)
        else { return usable(admitted(await store.read(storeKey), storeKey, ticket).entry, options) }
        let found = admitted(await store.read(storeKey), storeKey, ticket).entry
        guard let found, let answer = usable(found, options) else {
            flights.handOver(flight)
            return nil
        }
        if flights.beginStoring(flight) { fill(key, storeKey, found, ticket) }
        flights.finish(flight, answer.isStale ? .retry : .answer(answer))
        return answer
    }

    func usable(_ entry: LiveEntry<Value>?, _ options: ReadOptions) -> CacheResult<Value>? {
        let now = clock.now
        guard let entry, entry.isFresh(at: now) || (options.contains(.allowStale) && entry.value != nil) else {
            return nil
        }
        return answer(entry, at: now)
    }

    /// The answer of memory, if it has a fresh one.
    private func freshAnswer(_ key: Key, _ options: ReadOptions) -> CacheResult<Value>? {
        guard options.takesHitAtOnce else { return nil }
        let now = time.now
        guard let entry = memory.value(forKey: key, now: now) else { return nil }
        if entry.freshUntil > now, entry.mark >= coherence.lazyMark(at: now) { return answer(entry, at: now) }
        countUnusedMemoryHit()
        return nil
    }

    /// The part of ``value(forKey:policy:options:orLoad:)`` behind a miss in memory.
    @usableFromInline
    func loadedValue(
        _ key: Key,
        _ policy: CachePolicy?,
        _ options: ReadOptions,
        _ load: (Key) async throws -> Value
    ) async throws -> Value {
        while true {
            // Never absent, since absences are not accepted and this loader brings none.
            let result = try await resolve(key, policy, options, acceptsAbsence: false) { key, _ in
                .value(try await load(key))
            }
            if let value = result.value { return value }
        }
    }
}
