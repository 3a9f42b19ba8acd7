import MemoryCache

extension TieredCache {
    /// Stores a value in all tiers, first in the store, then in memory.
    ///
    /// Loads of the key that are under way are not stored; writes of the same key take effect one after the other.
    /// If the store fails, the value is in memory alone, and what the store may still hold under the key is not
    /// read by this process any more; other processes may see it until it expires.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - key: The key of the entry, 1 to ``CacheSystem/Configuration/maximumKeyBytes`` bytes in its encoded form.
    ///   - policy: The policy of the entry; the namespace's unless given. A time to live of zero removes the entry.
    /// - Throws: ``CacheError`` for a key or a policy out of range, or a value that cannot be encoded;
    ///   `CancellationError` if the task is cancelled before the write begins.
    public func setValue(_ value: Value, forKey key: Key, policy: CachePolicy? = nil) async throws {
        try await set([(key, value)], policy)
    }

    /// Remembers in all tiers that there is no value, for the policy's negative time to live.
    ///
    /// - Parameters:
    ///   - key: The key of the entry, 1 to ``CacheSystem/Configuration/maximumKeyBytes`` bytes in its encoded form.
    ///   - policy: The policy of the entry; the namespace's unless given.
    /// - Throws: What ``setValue(_:forKey:policy:)`` throws.
    public func setAbsent(forKey key: Key, policy: CachePolicy? = nil) async throws {
        try await set([(key, nil)], policy)
    }

    /// Stores several values in all tiers, in one round trip to the store.
    ///
    /// - Parameters:
    ///   - values: The values under their keys.
    ///   - policy: The policy of the entries; the namespace's unless given.
    /// - Throws: What ``setValue(_:forKey:policy:)`` throws; if a key or a value is refused, nothing is stored.
    public func setValues(_ values: [Key: Value], policy: CachePolicy? = nil) async throws {
        try await set(values.map { ($0.key, $0.value) }, policy)
    }

    private func set(_ entries: [(key: Key, value: Value?)], _ policy: CachePolicy?) async throws {
        try await traced(.write, of: entries.count) { try await write(entries, policy) }
    }

    private func write(_ entries: [(key: Key, value: Value?)], _ policy: CachePolicy?) async throws {
        let policy = try checked(policy)
        var items: [(key: Key, item: LoadedValue<Value>)] = []
        for (key, value) in entries { items.append((key, try item(value, key, policy))) }
        var sealed = try items.map { try seal($0.item) }
        let flights = try await beginWriting(items.map { ($0.key, $0.item.storeKey) })
        defer {
            // Where all went well, they have ended already.
            for flight in flights.values { self.flights.finish(flight, .retry) }
        }
        let ticket = coherence.beginLoad()
        let versions = coherence.log == nil ? nil : await store?.versions(of: items.map(\.item.storeKey))
        // First the record: what the tiers hold from here on comes behind it.
        let mark = try await announce(items.map { ($0.key, $0.item.storeKey) })
        for index in items.indices { items[index].item.mark = mark }
        if let position = coherence.position(of: mark) {
            for index in items.indices where sealed[index] != nil {
                items[index].item.position = position
                sealed[index] = try seal(items[index].item)
            }
        }
        let overtaken = await write(
            sealed.compactMap { $0 },
            at: coherence.position(of: mark),
            over: coherence.isInTime(ticket) ? versions : nil
        )
        try? await store?.remove(zip(items, sealed).filter { $1 == nil }.map(\.0.item.storeKey))
        for (key, item) in items {
            if !overtaken.contains(item.storeKey) {
                put(key, item, loadDuration: counters.typicalLoad, touchedSince: mark)
            } else {
                memory.update(forKey: key) { $0.mark > mark.number }
            }
            guard let flight = flights[key] else { continue }
            self.flights.finish(flight, .answer(CacheResult(value: item.value, source: .memory)))
        }
    }

    /// A value, or its absence, on its way into the tiers.
    func item(_ value: Value?, _ key: Key, _ policy: CachePolicy) throws(CacheError) -> LoadedValue<Value> {
        let storeKey = try storeKey(key)
        return LoadedValue(
            value: value,
            storeKey: storeKey,
            lifetime: lifetime(isAbsent: value == nil, storeKey, policy).timeToLive,
            policy: policy,
            details: EntryDetails.of(tags: policy.tags)
        )
    }

    /// Writes entries into the store.
    ///
    /// - Returns: The keys under which the store has something else.
    private func write(
        _ writes: [StoreWrite],
        at position: LogPosition?,
        over versions: [StoreKey: StoreVersion]?
    ) async -> Set<StoreKey> {
        guard let store else { return [] }
        guard let position else {
            await store.write(writes)
            return []
        }
        return await store.write(writes, at: position, over: versions)
    }

    /// The bytes of an entry for the store; nil if its key is to be removed there instead.
    private func seal(_ item: LoadedValue<Value>) throws -> StoreWrite? {
        isPassThrough ? nil : try store?.seal(item)
    }

    /// Tells the other processes that keys are being written or removed.
    ///
    /// Within the process, the flights of the keys see to the order.
    func announce(_ items: [(key: Key, storeKey: StoreKey)]) async throws -> LogMark {
        guard coherence.log != nil || !namespace.derived.isEmpty else { return coherence.now }
        let records = InvalidationRecord.records(forKeys: items.map(\.storeKey), in: namespace.name)
        do {
            return coherence.mark(of: try await channel.append(records + derivedRecords(of: records)))
        } catch {
            await keepUndelivered(records, of: items.map(\.key))
            throw error
        }
    }

    /// Removes an entry from all tiers.
    ///
    /// After it returns, this cache never serves what the key held before, whether it returned or threw: loads that
    /// were under way are not stored, and what a failing store may still hold is not read.
    ///
    /// - Parameter key: The key of the entry, 1 to ``CacheSystem/Configuration/maximumKeyBytes`` bytes in its
    ///   encoded form.
    /// - Throws: ``CacheError`` for a key out of range, or with the code `storeUnavailable` if the entry may still be
    ///   in the store, for other processes to see; `CancellationError` if the task is cancelled before the removal
    ///   begins.
    public func removeValue(forKey key: Key) async throws {
        try await removeValues(forKeys: CollectionOfOne(key))
    }

    /// Removes several entries from all tiers, in one round trip to the store.
    ///
    /// - Parameter keys: The keys of the entries; repetitions are allowed.
    /// - Throws: What ``removeValue(forKey:)`` throws.
    public func removeValues(forKeys keys: some Sequence<Key>) async throws {
        var items: [(key: Key, storeKey: StoreKey)] = []
        for key in Set(keys) { items.append((key, try storeKey(key))) }
        try await traced(.remove, of: items.count) { try await remove(items) }
    }

    private func remove(_ items: [(key: Key, storeKey: StoreKey)]) async throws {
        let flights = try await beginWriting(items)
        defer {
            for flight in flights.values { self.flights.finish(flight, .retry) }
        }
        for item in items {
            memory.removeValue(forKey: item.key)
            noteDeparture(item.key, .removed)
        }
        // The tombstones first: who learns of the record must not find the old value in the store.
        let failure = await failureOfRemoving(items)
        _ = try await announce(items)
        if let failure { throw failure }
    }

    /// Removes keys from the store; what fails is kept for later.
    func failureOfRemoving(_ items: [(key: Key, storeKey: StoreKey)]) async -> (any Error)? {
        let failure = await failureOfRemoving(items.map(\.storeKey))
        if failure != nil {
            let records = InvalidationRecord.records(forKeys: items.map(\.storeKey), in: namespace.name)
            await keepUndelivered(records, of: items.map(\.key))
        }
        return failure
    }

    func failureOfRemoving(_ keys: [StoreKey]) async -> (any Error)? {
        do {
            try await store?.remove(keys)
            return nil
        } catch {
            return error
        }
    }

    /// Removes all entries of the namespace from all tiers.
    ///
    /// - Throws: ``CacheError`` with the code `storeUnavailable` if entries may still be in the store, for other
    ///   processes to see, or `logUnavailable` if these may not learn of it. This process does not read what the store
    ///   still has, until a later call succeeds.
    /// - Complexity: O(entries of the namespace).
    public func removeAll() async throws {
        try await traced(.invalidate) { try await removeEverything() }
    }

    private func removeEverything() async throws {
        await flights.detachAll()
        defer { noting(.cleared) { memory.removeAll() } }
        var failure: (any Error)?
        let everything = [InvalidationRecord(.everything, in: namespace.name)]
        do {
            try await channel.append(everything + derivedRecords(of: everything))
        } catch {
            failure = error
        }
        do {
            try await store?.removeAll()
        } catch {
            failure = failure ?? error
        }
        // A load that began meanwhile may have read the store before it was emptied.
        await flights.detachAll()
        if failure != nil { await keepUndelivered(everything) }
        if let failure { throw failure }
    }

    /// Writes a key once something else has taken the value, such as the sink of a ``WriteThroughCache``.
    ///
    /// The key is held meanwhile: other writes of it wait, and loads that are under way are not stored.
    ///
    /// - Parameters:
    ///   - value: The value, or `nil` to remove the entry.
    ///   - key: The key of the entry.
    ///   - policy: The policy of the entry; the namespace's unless given.
    ///   - commit: Hands the value over. If it throws, all tiers stay as they were.
    /// - Throws: What `commit` throws, or what ``setValue(_:forKey:policy:)`` throws.
    func write(
        _ value: Value?,
        forKey key: Key,
        policy: CachePolicy?,
        once commit: () async throws -> Commit
    ) async throws {
        try await traced(value == nil ? .remove : .write) { try await handOver(value, key, policy, commit) }
    }

    private func handOver(
        _ value: Value?,
        _ key: Key,
        _ policy: CachePolicy?,
        _ commit: () async throws -> Commit
    ) async throws {
        let policy = try checked(policy)
        var item = try item(value, key, policy)
        // What cannot be encoded is refused before anything is changed anywhere.
        if value != nil { _ = try seal(item) }
        guard let flight = try await beginWriting([(key, item.storeKey)])[key] else { return }
        // Where the value was put, it has ended already.
        defer { flights.finish(flight, .retry) }
        guard try await commit() == .taken, value != nil else {
            memory.removeValue(forKey: key)
            _ = await failureOfRemoving([(key, item.storeKey)])
            _ = try await announce([(key, item.storeKey)])
            return
        }
        do {
            item.mark = try await announce([(key, item.storeKey)])
        } catch {
            memory.removeValue(forKey: key)
            try? await store?.remove([item.storeKey])
            throw error
        }
        item.position = coherence.position(of: item.mark)
        var isStored = false
        if let write = try seal(item) { isStored = await store?.write([write]) ?? false }
        if !isStored { try? await store?.remove([item.storeKey]) }
        put(key, item, loadDuration: counters.typicalLoad, touchedSince: item.mark)
        flights.finish(flight, .answer(CacheResult(value: value, source: .memory)))
    }

    /// Takes keys for a write or a removal, always in the order of their encoded form, so that two callers never wait
    /// for each other.
    func beginWriting(_ items: [(key: Key, storeKey: StoreKey)]) async throws -> [Key: Flight<Key, Value>] {
        var taken: [Key: Flight<Key, Value>] = [:]
        do {
            for item in items.count > 1 ? items.sorted(by: { $0.storeKey < $1.storeKey }) : items {
                taken[item.key] = try await flights.beginWriting(item.key)
            }
        } catch {
            for flight in taken.values { flights.finish(flight, .retry) }
            throw error
        }
        return taken
    }
}

/// What became of a value that was handed over.
enum Commit {
    /// It was taken.
    case taken
    /// Nobody knows.
    case uncertain
}
