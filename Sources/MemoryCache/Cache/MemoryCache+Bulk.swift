import Synchronization

extension MemoryCache {
    /// Removes all entries.
    ///
    /// Entries that are stored while this runs may stay.
    ///
    /// - Complexity: O(entries), with each shard locked for O(1) if nobody listens to removals, else in steps of some
    ///   microseconds.
    public func removeAll() {
        for number in 0..<shards.count {
            if removalListener == nil {
                empty(number)
            } else {
                emptyByPages(number)
            }
        }
    }

    private func empty(_ number: Int) {
        lockAlone(number)
        let shard = shards.shard(number)
        totalWeight.wrappingSubtract(shard.pointee.statistics.weight, ordering: .relaxed)
        let old = shard.pointee.replaceWithEmpty()
        ShardLock.unlock(shards.lock(number))
        // The entries end their lives here, where no lock is held.
        _ = consume old
    }

    private func emptyByPages(_ number: Int) {
        var page = 0
        while true {
            var removals = Removals<Key, Value>()
            lockAlone(number)
            guard let freed = shards.shard(number).pointee.removePage(page, cause: .removed, removals: &removals) else {
                ShardLock.unlock(shards.lock(number))
                return
            }
            totalWeight.wrappingSubtract(freed, ordering: .relaxed)
            finish(number, &removals)
            page += 1
        }
    }

    /// Removes the entries for which a predicate holds.
    ///
    /// The predicate runs without a lock and may call the cache. An entry that is replaced between the moment
    /// the predicate sees it and its removal stays.
    ///
    /// - Parameter shouldBeRemoved: Whether an entry shall go.
    /// - Returns: How many entries were removed.
    /// - Throws: What the predicate throws.
    /// - Complexity: O(room for entries), in steps that lock a shard for some microseconds each.
    @discardableResult
    public func removeAll(where shouldBeRemoved: (Key, Value) throws -> Bool) rethrows -> Int {
        try removeAll(cause: .removed, where: shouldBeRemoved)
    }

    /// Removes the entries for which a predicate holds, because what they were made from has changed.
    ///
    /// - Parameter isInvalid: Whether an entry is no longer true.
    /// - Returns: How many entries were removed.
    /// - Throws: What the predicate throws.
    /// - Complexity: O(room for entries), in steps that lock a shard for some microseconds each.
    @discardableResult
    public func invalidateAll(where isInvalid: (Key, Value) throws -> Bool) rethrows -> Int {
        try removeAll(cause: .invalidated, where: isInvalid)
    }

    private func removeAll(
        cause: RemovalCause,
        where shouldBeRemoved: (Key, Value) throws -> Bool
    ) rethrows -> Int {
        var count = 0
        for number in 0..<shards.count {
            var pageNumber = 0
            while let page = page(pageNumber, ofShard: number) {
                let chosen = try page.filter { try shouldBeRemoved($0.key, $0.value) }
                if !chosen.isEmpty { count += remove(chosen, ofShard: number, cause: cause) }
                pageNumber += 1
            }
        }
        return count
    }

    private func remove(_ copies: [Shard<Key, Value>.Copied], ofShard number: Int, cause: RemovalCause) -> Int {
        var removals = Removals<Key, Value>()
        let shard = shards.shard(number)
        lockAlone(number)
        for copy in copies where shard.pointee.holds(copy) {
            let freed = shard.pointee.remove(copy.node, cause: cause, removals: &removals)
            totalWeight.wrappingSubtract(freed, ordering: .relaxed)
        }
        let count = removals.count
        finish(number, &removals)
        return count
    }

    /// One page of the live entries of a shard, copied while it is locked.
    func page(_ pageNumber: Int, ofShard number: Int) -> [Shard<Key, Value>.Copied]? {
        let now = time.now
        ShardLock.lock(shards.lock(number))
        defer { ShardLock.unlock(shards.lock(number)) }
        return shards.shard(number).pointee.page(pageNumber, now: now)
    }

    /// What the cache has done, and what it holds; the sum over all shards, each read at its own moment.
    ///
    /// - Complexity: O(1).
    public var statistics: MemoryCacheStatistics {
        var sum = MemoryCacheStatistics()
        for lane in 1...lanes.count {
            sum.hits += lanes[lane].pointee.hits
            sum.misses += lanes[lane].pointee.misses.load(ordering: .relaxed)
        }
        for number in 0..<shards.count {
            let shard = shards.shard(number)
            ShardLock.lock(shards.lock(number))
            let part = shard.pointee.statistics
            sum.insertions += shard.pointee.lastStamp
            ShardLock.unlock(shards.lock(number))
            sum.hits += shard.pointee.lockedHits.load(ordering: .relaxed)
            sum.misses += shard.pointee.lockedMisses.load(ordering: .relaxed)
            sum.evictions += part.evictions
            sum.expirations += part.expirations
            sum.entries += part.entries
            sum.weight += part.weight
        }
        return sum
    }
}
