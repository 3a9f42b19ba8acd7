import MemoryCache

extension TieredCache {
    /// Removes all entries with a tag from all tiers, on all nodes that share the invalidation log.
    ///
    /// - Parameter tag: The tag, not empty.
    /// - Throws: What ``removeAll(taggedWithAnyOf:)`` throws.
    public func removeAll(tagged tag: String) async throws {
        try await removeAll(taggedWithAnyOf: [tag])
    }

    /// Removes all entries with one of some tags from all tiers, on all nodes that share the invalidation log.
    ///
    /// After it returns, this cache never serves what they held before, and loads of them that were under way are not
    /// stored. The entries leave the tiers when they are next read, expire, or make room.
    ///
    /// - Parameter tags: The tags, each not empty.
    /// - Throws: ``CacheError`` with the code `logUnavailable` if other processes may not learn of it, `storeUnavailable`
    ///   if there is no shared log and entries may still be in the store, or `invalidInvalidation` for an empty tag.
    /// - Complexity: O(tags), whatever they touch; without a shared log O(entries of the namespace in the store).
    public func removeAll(taggedWithAnyOf tags: Set<String>) async throws {
        try await invalidate(.tags(try Self.checked(tags)), isSoft: false)
    }

    /// Makes all entries with a tag stale in all tiers, on all nodes that share the invalidation log: a soft
    /// invalidation; see ``expireValue(forKey:)``.
    ///
    /// - Parameter tag: The tag, not empty.
    /// - Throws: What ``removeAll(taggedWithAnyOf:)`` throws.
    public func expireAll(tagged tag: String) async throws {
        try await expireAll(taggedWithAnyOf: [tag])
    }

    /// Makes all entries with one of some tags stale in all tiers, on all nodes that share the invalidation log.
    ///
    /// - Parameter tags: The tags, each not empty.
    /// - Throws: What ``removeAll(taggedWithAnyOf:)`` throws.
    public func expireAll(taggedWithAnyOf tags: Set<String>) async throws {
        try await invalidate(.tags(try Self.checked(tags)), isSoft: true)
    }

    /// Removes all entries whose keys match a pattern from all tiers, on all nodes that share the invalidation log.
    ///
    /// It returns when none of them is served any more. Their memory and their place in the store are freed after that,
    /// in the background and a few at a time.
    ///
    /// - Parameter pattern: The pattern, of the key in its encoded form without the name of the namespace.
    /// - Throws: What ``removeAll(taggedWithAnyOf:)`` throws.
    /// - Complexity: As ``removeAll(taggedWithAnyOf:)``.
    public func removeAll(matching pattern: KeyPattern) async throws {
        let mark = try await invalidate(.pattern(pattern), isSoft: false)
        sweepInBackground(pattern, before: coherence.position(of: mark))
    }

    /// Makes all entries whose keys match a pattern stale in all tiers, on all nodes that share the invalidation log.
    ///
    /// - Parameter pattern: The pattern, of the key in its encoded form without the name of the namespace.
    /// - Throws: What ``removeAll(taggedWithAnyOf:)`` throws.
    public func expireAll(matching pattern: KeyPattern) async throws {
        try await invalidate(.pattern(pattern), isSoft: true)
    }

    /// Makes all entries of the namespace stale in all tiers, on all nodes that share the invalidation log.
    ///
    /// - Throws: What ``removeAll(taggedWithAnyOf:)`` throws.
    public func expireAll() async throws {
        try await invalidate(.everything, isSoft: true)
    }

    @discardableResult
    private func invalidate(_ target: InvalidationRecord.Target, isSoft: Bool) async throws -> LogMark {
        try await traced(.invalidate) {
            try await carryOutRecords([InvalidationRecord(target, in: namespace.name, isSoft: isSoft)])
        }
    }

    /// Carries out invalidations of this namespace, and tells the others.
    func invalidate(_ records: [InvalidationRecord]) async throws {
        _ = try await traced(.invalidate, of: records.count) { try await carryOutRecords(records) }
    }

    @discardableResult
    private func carryOutRecords(_ records: [InvalidationRecord]) async throws -> LogMark {
        if namespace.concealsKeys, records.contains(where: \.namesPattern) {
            throw CacheError(
                .invalidInvalidation,
                "The namespace \"\(namespace.name)\" conceals its keys, which no pattern can match; use tags instead."
            )
        }
        await prepare()
        do {
            let failure = await failureOfRemoving(records.flatMap { $0.isSoft ? [] : $0.keys })
            let mark = coherence.mark(of: try await channel.append(records + derivedRecords(of: records)))
            if coherence.log == nil, store != nil {
                // What was judged before the record may just be on its way into the store.
                await flights.settle()
                try await carryOutInStore(records)
            }
            if let failure { throw failure }
            return mark
        } catch {
            await keepUndelivered(records, of: keysInMemory(records))
            // Who comes after this joins no load that began before it.
            if undelivered != nil { await flights.detachAll() }
            throw error
        }
    }

    /// The keys in memory that some records name.
    private func keysInMemory(_ records: [InvalidationRecord]) -> [Key] {
        let named = Set(records.flatMap(\.keys))
        guard undelivered != nil, !named.isEmpty else { return [] }
        var keys: [Key] = []
        memory.invalidateAll { key, _ in
            if let storeKey = try? storeKey(key), named.contains(storeKey) { keys.append(key) }
            return false
        }
        return keys
    }

    /// Does in the store what no record in a shared log stands for.
    func carryOutInStore(_ records: [InvalidationRecord]) async throws {
        for record in records {
            if case .keys(let keys) = record.target {
                guard record.isSoft else { continue }
                try await store?.expire(keys, grace: namespace.policy.graceAfterInvalidation, at: nil)
            } else {
                try await store?.bury(record.target, prefixLength: keyPrefix.count)
            }
        }
    }

    private static func checked(_ tags: Set<String>) throws(CacheError) -> [String] {
        guard tags.allSatisfy(DependencyTag.isAllowed) else {
            throw CacheError(.invalidInvalidation, "A tag is empty or begins with U+001F; give the name of a tag.")
        }
        return tags.sorted()
    }

    /// Frees what entries that match a pattern take, which are not served any more.
    private func sweepInBackground(_ pattern: KeyPattern, before position: LogPosition?) {
        Task.detached(priority: .background) { [weak self] in
            guard let self else { return }
            let lazyMark = coherence.lazyMark(at: clock.now)
            noting(.pattern) {
                memory.invalidateAll { key, entry in
                    guard entry.mark < lazyMark, let storeKey = try? self.storeKey(key) else { return false }
                    return pattern.matches(storeKey.bytes.dropFirst(self.keyPrefix.count))
                }
            }
            guard let position, let store else { return }
            await store.sweep(pattern, prefixLength: keyPrefix.count, before: position)
        }
    }
}

extension InvalidationRecord {
    fileprivate var namesPattern: Bool {
        if case .pattern = target { true } else { false }
    }
}
