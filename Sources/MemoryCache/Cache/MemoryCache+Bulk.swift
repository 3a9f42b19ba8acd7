import Synchronization

extension MemoryCache {
    /// Removes all entries.
    ///
    /// Entries that are stored while this runs may stay.
    ///
    /// - Complexity: O(entries), with each shard locked for O(1).
    public func removeAll() {
        for index in 0...shardMask {
            let old = shards[index]
                .withLock { shard in
                    var fresh = Shard<Key, Value>()
                    fresh.statistics = shard.statistics
                    fresh.statistics.entries = 0
                    fresh.statistics.weight = 0
                    fresh.lastStamp = shard.lastStamp
                    totalWeight.wrappingSubtract(shard.statistics.weight, ordering: .relaxed)
                    let old = shard
                    shard = fresh
                    return old
                }
            guard let removalListener else { continue }
            for entry in old.entries { removalListener(entry.key, entry.value, .removed) }
        }
    }

    /// Removes the entries for which a predicate holds.
    ///
    /// The predicate runs without a lock and may call the cache. An entry that is replaced between the moment
    /// the predicate sees it and its removal stays.
    ///
    /// - Parameter shouldBeRemoved: Whether an entry shall go.
    /// - Returns: How many entries were removed.
    /// - Complexity: O(entries), with one shard at a time locked while its entries are listed.
    @discardableResult
    public func removeAll(where shouldBeRemoved: (Key, Value) throws -> Bool) rethrows -> Int {
        var count = 0
        for index in 0...shardMask {
            let entries = shards[index].withLock { $0.entries }
            for entry in entries where try shouldBeRemoved(entry.key, entry.value) {
                count += remove(entry, ofShard: index) ? 1 : 0
            }
        }
        return count
    }

    private func remove(_ entry: Shard<Key, Value>.Entry, ofShard index: Int) -> Bool {
        var removals = Removals<Key, Value>()
        shards[index]
            .withLock { shard in
                let node = shard.find(entry.key, entry.hash)
                guard node != Shard<Key, Value>.none, shard.nodes[Int(node)].stamp == entry.stamp else { return }
                let freed = shard.remove(node, cause: .removed, removals: &removals)
                totalWeight.wrappingSubtract(freed, ordering: .relaxed)
            }
        report(removals)
        return removals.first != nil
    }

    /// Removes the entries whose time to live has ended, which otherwise leave when they are met.
    ///
    /// - Returns: How many entries were removed.
    /// - Complexity: O(entries), with one shard at a time locked.
    @discardableResult
    public func removeExpired() -> Int {
        let now = time.now
        var count = 0
        for index in 0...shardMask {
            var removals = Removals<Key, Value>()
            shards[index]
                .withLock { shard in
                    let freed = shard.removeExpired(now: now, removals: &removals)
                    totalWeight.wrappingSubtract(freed, ordering: .relaxed)
                }
            removals.report { _ in count += 1 }
            report(removals)
        }
        return count
    }

    /// What the cache has done, and what it holds; the sum over all shards, each read at its own moment.
    ///
    /// - Complexity: O(1).
    public var statistics: MemoryCacheStatistics {
        var sum = MemoryCacheStatistics()
        for index in 0...shardMask {
            let part = shards[index].withLock { $0.statistics }
            sum.hits += part.hits
            sum.misses += part.misses
            sum.insertions += part.insertions
            sum.evictions += part.evictions
            sum.expirations += part.expirations
            sum.entries += part.entries
            sum.weight += part.weight
        }
        return sum
    }
}
