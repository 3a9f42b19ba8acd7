import MemoryCache

extension TieredCache {
    /// Writes a key at its origin, and then to all tiers what the origin has made of it.
    ///
    /// For origins that change what they are given: that number it, stamp it with a time, or render it. Where the value
    /// is known before, a ``WriteThroughCache`` tells the sink more. The key is held meanwhile: other writes of it wait,
    /// and loads that are under way are not stored.
    ///
    /// ```swift
    /// let note = try await notes.writeValue(forKey: id) { try await vault.save(text, as: id) }
    /// ```
    ///
    /// - Parameters:
    ///   - key: The key of the entry, 1 to ``CacheSystem/Configuration/maximumKeyBytes`` bytes in its encoded form.
    ///   - policy: The policy of the entry; the namespace's unless given.
    ///   - write: Writes at the origin, and returns what it holds now; `nil` removes the entry. If it throws, all tiers
    ///     stay as they were, so it must not throw once the origin may have changed.
    /// - Returns: What `write` returned.
    /// - Throws: What `write` throws; ``CacheError`` for a key or a policy out of range, or with the code
    ///   `logUnavailable` if other processes may not learn of the write; `CancellationError` if the task is cancelled
    ///   before it begins.
    @discardableResult
    public func writeValue(
        forKey key: Key,
        policy: CachePolicy? = nil,
        _ write: () async throws -> Value?
    ) async throws -> Value? {
        let policy = try checked(policy)
        let storeKey = try storeKey(key)
        guard let flight = try await beginWriting([(key, storeKey)])[key] else { return nil }
        // Where the value was put, it has ended already.
        defer { flights.finish(flight, .retry) }
        let value = try await write()
        guard let value else {
            try await forget(key, storeKey)
            return nil
        }
        do {
            try await put(value, key, policy)
        } catch {
            try await forget(key, storeKey)
            throw error
        }
        flights.finish(flight, .answer(CacheResult(value: value, source: .memory)))
        return value
    }

    /// Puts a value that the origin has into all tiers.
    private func put(_ value: Value, _ key: Key, _ policy: CachePolicy) async throws {
        var item = try item(value, key, policy)
        item.mark = try await announce([(key, item.storeKey)])
        item.position = coherence.position(of: item.mark)
        var isStored = false
        // What cannot be encoded stays in memory alone, as it does when it was loaded.
        if !isPassThrough, let write = try? store?.seal(item) { isStored = await store?.write([write]) ?? false }
        if !isStored { try? await store?.remove([item.storeKey]) }
        put(key, item, loadDuration: counters.typicalLoad, touchedSince: item.mark)
    }

    /// Removes an entry whose key is held.
    private func forget(_ key: Key, _ storeKey: StoreKey) async throws {
        memory.removeValue(forKey: key)
        let failure = await failureOfRemoving([(key, storeKey)])
        _ = try await announce([(key, storeKey)])
        if let failure { throw failure }
    }
}
