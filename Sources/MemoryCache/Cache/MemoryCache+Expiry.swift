import Synchronization

extension MemoryCache {
    /// Removes the entries whose time to live has ended.
    ///
    /// Without it they leave when they are read, and bit by bit when others are stored near them.
    ///
    /// - Returns: How many entries were removed.
    /// - Complexity: O(entries that have expired), in steps that lock a shard for some microseconds each.
    @discardableResult
    public func removeExpired() -> Int {
        let now = time.now
        return (0..<shards.count).reduce(0) { $0 + removeExpired(ofShard: $1, now: now) }
    }

    private func removeExpired(ofShard number: Int, now: UInt64) -> Int {
        let step = 256
        let shard = shards.shard(number)
        var sum = 0
        while true {
            var removals = Removals<Key, Value>()
            ShardLock.lock(shards.lock(number))
            // Readers are disturbed only where something may have to leave.
            guard shard.pointee.nextExpiry <= TimerWheel.tick(now) else {
                ShardLock.unlock(shards.lock(number))
                return sum
            }
            ShardLock.standUpright(shards.lock(number), lanes)
            let (first, count, isMore) = shard.pointee.takeDue(now: now, limit: step)
            let freed = shard.pointee.removeDue(first, removals: &removals)
            totalWeight.wrappingSubtract(freed, ordering: .relaxed)
            finish(number, &removals)
            sum += count
            if !isMore { return sum }
        }
    }

    /// Removes a few entries that have expired, on the occasion of a write to their locked shard.
    ///
    /// - Returns: The weight that left.
    @inlinable
    @inline(never)
    func removeSomeExpired(
        _ shard: UnsafeMutablePointer<Shard<Key, Value>>,
        now: UInt64,
        _ removals: inout Removals<Key, Value>
    ) -> Int {
        // More than one per write, so that they leave faster than new ones come.
        let (first, _, _) = shard.pointee.takeDue(now: now, limit: 8)
        return shard.pointee.removeDue(first, removals: &removals)
    }
}
