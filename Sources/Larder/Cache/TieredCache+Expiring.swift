import MemoryCache

extension TieredCache {
    /// Makes what the tiers hold under a key stale: a soft invalidation.
    ///
    /// After it returns, the entry is no answer any more: the next read loads. But its copy may still stand in where
    /// that fails or takes long, for the namespace's ``CachePolicy/graceAfterInvalidation`` at most. Use
    /// ``removeValue(forKey:)`` where the old value must not be seen again.
    ///
    /// Loads of the key that are under way are not stored. An absence is removed.
    ///
    /// - Parameter key: The key of the entry, 1 to ``CacheSystem/Configuration/maximumKeyBytes`` bytes in its
    ///   encoded form.
    /// - Throws: What ``removeValue(forKey:)`` throws.
    public func expireValue(forKey key: Key) async throws {
        try await expireValues(forKeys: CollectionOfOne(key))
    }

    /// Makes what the tiers hold under several keys stale; see ``expireValue(forKey:)``.
    ///
    /// - Parameter keys: The keys of the entries; repetitions are allowed.
    /// - Throws: What ``removeValue(forKey:)`` throws.
    public func expireValues(forKeys keys: some Sequence<Key>) async throws {
        var items: [(key: Key, storeKey: StoreKey)] = []
        for key in Set(keys) { items.append((key, try storeKey(key))) }
        let taken = try await beginWriting(items)
        defer {
            for flight in taken.values { flights.finish(flight, .retry) }
        }
        let copies = items.map { expireInMemory($0.key) }
        for item in items { noteDeparture(item.key, .removed) }
        // Other processes drop their copies; the one in the store comes behind the record, and is stale.
        let mark = try await announce(items)
        for (item, copy) in zip(items, copies) { restore(copy, item.key, item.storeKey, mark) }
        try await store?
            .expire(
                items.map(\.storeKey),
                grace: namespace.policy.graceAfterInvalidation,
                at: coherence.position(of: mark)
            )
    }

    /// Puts a stale copy that this process has made behind the record that drops those of others.
    private func restore(
        _ copy: (entry: MemoryEntry<Value>, deadline: UInt64)?,
        _ key: Key,
        _ storeKey: StoreKey,
        _ mark: LogMark
    ) {
        guard coherence.log != nil, var entry = copy?.entry, let deadline = copy?.deadline else { return }
        entry.mark = max(entry.mark, mark.number)
        memory.setValue(entry, forKey: key, deadline: deadline, now: clock.now)
        retract(key, storeKey, entry, touchedSince: mark)
    }

    private func expireInMemory(_ key: Key) -> (entry: MemoryEntry<Value>, deadline: UInt64)? {
        let now = clock.now
        guard let held = held(key), held.deadline > now, held.value.value != nil else {
            memory.removeValue(forKey: key)
            return nil
        }
        let limit = namespace.policy.graceAfterInvalidation.map { Deadline.after($0, from: now) } ?? Deadline.never
        let entry = MemoryEntry(
            value: held.value.value,
            freshUntil: min(held.value.freshUntil, now),
            nextLoad: now,
            mark: held.value.mark,
            storedAt: held.value.storedAt,
            details: EntryDetails.of(held.value.details, idleLife: nil)
        )
        let deadline = min(held.deadline, limit)
        memory.setValue(entry, forKey: key, deadline: deadline, now: now)
        return (entry, deadline)
    }
}
