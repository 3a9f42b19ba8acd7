public import MemoryCache

extension TieredCache {
    /// Reads a value, or loads and caches it.
    ///
    /// Other languages' caches call this `getOrSet`, `get` with a factory, or `get_or_load`.
    ///
    /// - Parameters:
    ///   - key: The key of the entry, 1 to ``CacheSystem/Configuration/maximumKeyBytes`` bytes in its encoded form.
    ///   - policy: The policy of what is loaded; the namespace's unless given. It is not looked at on a hit.
    ///   - load: Produces the value. It runs in the task of the caller, for one caller at a time, unless the key is
    ///     written or removed meanwhile or a load passes its deadline.
    /// - Returns: The value: fresh, just loaded, or a stale copy within its grace if loading failed.
    /// - Throws: The loader's error; `CancellationError` if the task was cancelled; ``CacheError`` for a key or a
    ///   policy out of range, or with the code `loadTimedOut`.
    /// - Complexity: O(1) on a hit in memory, which neither allocates nor suspends.
    @inlinable
    public func value(
        forKey key: Key,
        policy: CachePolicy? = nil,
        orLoad load: (Key) async throws -> Value
    ) async throws -> Value {
        let now = time.now
        let cached = memory.value(forKey: key, now: now)
        if let cached, cached.freshUntil > now, let value = cached.value { return value }
        return try await loadedValue(key, cached, now, policy, load)
    }

    /// Reads a value that the origin may not have, or loads it and caches the value or its absence.
    ///
    /// - Parameters:
    ///   - key: The key of the entry, 1 to ``CacheSystem/Configuration/maximumKeyBytes`` bytes in its encoded form.
    ///   - policy: The policy of what is loaded; the namespace's unless given. It is not looked at on a hit.
    ///   - load: Produces the value, or `nil` where the origin has none. It runs as in
    ///     ``value(forKey:policy:orLoad:)``.
    /// - Returns: The value: fresh, just loaded, or a stale copy within its grace if loading failed; or `nil` for
    ///   an absence, remembered or just learnt.
    /// - Throws: The loader's error; `CancellationError` if the task was cancelled; ``CacheError`` for a key or a
    ///   policy out of range, or with the code `loadTimedOut`.
    /// - Complexity: O(1) on a hit in memory, which neither allocates nor suspends.
    @inlinable
    public func valueIfPresent(
        forKey key: Key,
        policy: CachePolicy? = nil,
        orLoad load: (Key) async throws -> Value?
    ) async throws -> Value? {
        let now = time.now
        let cached = memory.value(forKey: key, now: now)
        if let cached, cached.freshUntil > now { return cached.value }
        if cached != nil { countUnusedMemoryHit() }
        return try await resolve(key, policy, acceptsAbsence: true, load)
    }

    /// Reads a value from memory or the store, without loading it.
    ///
    /// A write of the key that is under way is waited for; a load is not.
    ///
    /// - Parameter key: The key of the entry, 1 to ``CacheSystem/Configuration/maximumKeyBytes`` bytes in its
    ///   encoded form.
    /// - Returns: The value, or `nil` if no tier has a fresh one.
    /// - Throws: ``CacheError`` for a key out of range, or `CancellationError`.
    public func value(forKey key: Key) async throws -> Value? {
        let now = time.now
        if let cached = memory.value(forKey: key, now: now) {
            if cached.freshUntil > now { return cached.value }
            countUnusedMemoryHit()
        }
        let storeKey = try storeKey(key)
        while let waiter = flights.joinWriting(key) {
            switch await flights.turn(of: waiter) {
            case .answer(let answer): return count(answer).value
            case .cancelled:
                countMiss()
                throw CancellationError()
            case .failure, .abandoned, .lead, .retry: break
            }
        }
        guard let answer = await readStore(key, storeKey) else {
            countMiss()
            try Task.checkCancellation()
            return nil
        }
        return count(answer).value
    }

    /// Reads the store, and fills memory unless another call is at work on the key.
    private func readStore(_ key: Key, _ storeKey: StoreKey) async -> Answer<Value>? {
        guard let store else { return nil }
        guard let flight = flights.lead(key, now: clock.now, patience: namespace.policy.loadDeadline) else {
            guard let found = await store.read(storeKey), found.isFresh(at: clock.now) else { return nil }
            return Answer(value: found.value, source: .store)
        }
        guard let found = await store.read(storeKey), found.isFresh(at: clock.now) else {
            flights.handOver(flight)
            return nil
        }
        if flights.beginStoring(flight) { fill(key, found) }
        let answer = Answer(value: found.value, source: .store)
        flights.finish(flight, .answer(answer))
        return answer
    }

    /// The part of ``value(forKey:policy:orLoad:)`` behind a miss in memory.
    @usableFromInline
    func loadedValue(
        _ key: Key,
        _ cached: MemoryEntry<Value>?,
        _ now: UInt64,
        _ policy: CachePolicy?,
        _ load: (Key) async throws -> Value
    ) async throws -> Value {
        if cached != nil { countUnusedMemoryHit() }
        while true {
            // Never absent, since absences are not accepted and this loader brings none.
            if let value = try await resolve(key, policy, acceptsAbsence: false, { try await load($0) }) {
                return value
            }
        }
    }
}
