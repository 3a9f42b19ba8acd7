import Logging
import MemoryCache

extension CacheSystem {
    /// Carries out invalidations of several namespaces, on all nodes that share the invalidation log.
    ///
    /// - Parameter records: What to invalidate; see ``TieredCache/invalidation(ofKeys:isSoft:)`` and its like.
    /// - Throws: ``CacheError`` with the code `invalidInvalidation` for a namespace that this system has not opened, and
    ///   what ``TieredCache/removeAll(taggedWithAnyOf:)`` throws. The others are carried out all the same.
    public func invalidate(_ records: [InvalidationRecord]) async throws {
        var failure: (any Error)?
        for (name, records) in Dictionary(grouping: records, by: \.namespace).sorted(by: { $0.key < $1.key }) {
            do {
                guard let cache = openedCache(name) else {
                    throw CacheError(
                        .invalidInvalidation,
                        "The namespace \"\(name)\" is to be invalidated and was not opened; open it when the program starts."
                    )
                }
                try await cache.invalidate(records)
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
    }

    /// Runs a transaction of the origin, and carries out the invalidations that it gathers once it has ended well.
    ///
    /// What is invalidated before the commit may be loaded again from what was there before. If the transaction throws,
    /// nothing is invalidated.
    ///
    /// ```swift
    /// try await caches.invalidateAfterCommit { invalidations in
    ///     try await database.transaction { try await $0.rename(author, to: name) }
    ///     invalidations.collect(notes.invalidation(ofTags: ["author:\(author)"]))
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - replicaLag: After how long to invalidate once more, for an origin whose replicas lag behind: a load right
    ///     after the commit may have read from one that did not know of it yet. `nil` for once only. The second time is
    ///     lost when the process ends before.
    ///   - transaction: Commits before it returns.
    /// - Returns: What the transaction returned.
    /// - Throws: What the transaction throws, or what ``invalidate(_:)`` throws after it was committed.
    public func invalidateAfterCommit<Result>(
        repeatingAfter replicaLag: Duration? = nil,
        _ transaction: (inout InvalidationCollector) async throws -> Result
    ) async throws -> Result {
        var collector = InvalidationCollector()
        let result = try await transaction(&collector)
        let records = collector.take()
        if let replicaLag { repeatInvalidations(records, after: replicaLag) }
        try await invalidate(records)
        return result
    }

    private func repeatInvalidations(_ records: [InvalidationRecord], after delay: Duration) {
        let due = Deadline.after(delay, from: clock.now)
        repetitions.withLock { $0.add(records, due: .nanoseconds(Int64(clamping: due))) }
        repetitionWatch.cover(due)
    }

    /// Carries out the invalidations that are due a second time.
    ///
    /// - Returns: When the next are.
    func carryOutRepetitions(at now: UInt64) -> UInt64? {
        let (records, next) = repetitions.withLock { repetitions in
            (repetitions.take(at: .nanoseconds(Int64(clamping: now))), repetitions.nextDue)
        }
        invalidateInBackground(records)
        return next.map { UInt64(clamping: $0.wholeNanoseconds) }
    }

    /// Carries out invalidations that nobody waits for, and tries again later what failed.
    func invalidateInBackground(_ records: [InvalidationRecord]) {
        guard !records.isEmpty else { return }
        Task { [weak self, logger] in
            do {
                try await self?.invalidate(records)
            } catch {
                logger.warning("An invalidation failed and is tried again", metadata: ["error": "\(error)"])
                self?.repeatInvalidations(records, after: Self.retryPause)
            }
        }
    }

    private static var retryPause: Duration { .seconds(1) }
}

extension TieredCache {
    /// The invalidation of some entries by their keys, to be carried out by ``CacheSystem/invalidate(_:)``.
    ///
    /// - Parameters:
    ///   - keys: The keys of the entries.
    ///   - isSoft: Whether the entries may still be served as stale.
    /// - Returns: The records, one unless there are very many keys.
    /// - Throws: ``CacheError`` for a key out of range.
    public func invalidation(ofKeys keys: some Sequence<Key>, isSoft: Bool = false) throws -> [InvalidationRecord] {
        InvalidationRecord.records(forKeys: try keys.map { try storeKey($0) }, in: namespace.name, isSoft: isSoft)
    }

    /// The invalidation of all entries with one of some tags, to be carried out by ``CacheSystem/invalidate(_:)``.
    ///
    /// - Parameters:
    ///   - tags: The tags.
    ///   - isSoft: Whether the entries may still be served as stale.
    /// - Returns: The record.
    public func invalidation(ofTags tags: [String], isSoft: Bool = false) -> InvalidationRecord {
        InvalidationRecord(.tags(tags), in: namespace.name, isSoft: isSoft)
    }

    /// The invalidation of all entries whose keys match a pattern, to be carried out by ``CacheSystem/invalidate(_:)``.
    ///
    /// - Parameters:
    ///   - pattern: The pattern, of the key in its encoded form without the name of the namespace.
    ///   - isSoft: Whether the entries may still be served as stale.
    /// - Returns: The record.
    public func invalidation(matching pattern: KeyPattern, isSoft: Bool = false) -> InvalidationRecord {
        InvalidationRecord(.pattern(pattern), in: namespace.name, isSoft: isSoft)
    }
}
