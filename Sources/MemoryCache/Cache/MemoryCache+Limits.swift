public import Synchronization

extension MemoryCache {
    /// How much the cache may hold.
    public var capacity: MemoryCapacity {
        MemoryCapacity(unit: unit, limit: limit.load(ordering: .relaxed))
    }

    /// Changes how much the cache may hold; what is too much then is evicted before this returns.
    ///
    /// - Parameter capacity: The new limit, at least 1, in the unit of the old one.
    /// - Throws: ``MemoryCacheError`` if the limit is less than 1 or in the other unit.
    /// - Complexity: O(entries that must leave), in steps that lock a shard for some microseconds each.
    public func setCapacity(_ capacity: MemoryCapacity) throws(MemoryCacheError) {
        try Self.check(capacity)
        guard capacity.unit == unit else {
            throw MemoryCacheError(
                code: .invalidCapacity,
                message: "The limit is in \(unit), and stays so; make another cache for a limit in \(capacity.unit)."
            )
        }
        limit.store(capacity.limit, ordering: .relaxed)
        let share = max(1, capacity.limit / shards.count)
        for number in 0..<shards.count {
            lockAlone(number)
            shards.shard(number).pointee.setShare(share)
            ShardLock.unlock(shards.lock(number))
            shrink(number, to: share)
        }
        // What other threads wrote meanwhile may have to leave too.
        makeRoom(startingAfter: 0, now: time.now)
    }

    private func shrink(_ number: Int, to share: Int) {
        let step = 256
        let shard = shards.shard(number)
        let now = time.now
        var evicted = step
        while evicted == step {
            var removals = Removals<Key, Value>()
            lockAlone(number)
            evicted = 0
            while evicted < step, isOverLimit, shard.pointee.statistics.weight > share,
                let freed = shard.pointee.evict(sparing: .none, now: now, removals: &removals)
            {
                totalWeight.wrappingSubtract(freed, ordering: .relaxed)
                evicted += 1
            }
            finish(number, &removals)
        }
    }

    @inlinable
    var isOverLimit: Bool { totalWeight.load(ordering: .relaxed) > limit.load(ordering: .relaxed) }

    static func check(_ capacity: MemoryCapacity) throws(MemoryCacheError) {
        guard capacity.limit >= 1 else {
            throw MemoryCacheError(
                code: .invalidCapacity,
                message: "A capacity of \(capacity.limit) holds nothing; give at least 1, or leave the cache out."
            )
        }
    }

    /// How many shards to spread entries over: so many that threads seldom meet, and so few that each holds enough
    /// entries to choose from.
    ///
    /// A shard for each 512 entries up to 64, and for each 8192 from there. Where entries weigh, nobody knows how many
    /// there will be.
    static func shardCount(for capacity: MemoryCapacity) -> Int {
        let (few, many) =
            switch capacity.unit {
            case .entries: (1_024, 16_384)
            case .weight: (1_024, Int.max)
            case .bytes: (1 << 19, 1 << 23)
            }
        var count = 1
        while count < 64, count <= capacity.limit / few { count *= 2 }
        while count < 8_192, count <= capacity.limit / many { count *= 2 }
        return count
    }
}
