public import Synchronization

extension MemoryCache {
    /// Reads a value.
    ///
    /// - Parameter key: The key of the entry.
    /// - Returns: The value, or `nil` if there is no live entry.
    /// - Complexity: O(1) on average.
    @inlinable
    public func value(forKey key: Key) -> Value? {
        read(key, now: time.now) { $0 }
    }

    /// Reads a value where it lies, without a copy of it.
    ///
    /// For values whose reference count is what threads fight over, and for large ones of which little is needed.
    ///
    /// - Parameters:
    ///   - key: The key of the entry.
    ///   - body: Gets the value. It runs inside the cache: it must be short and must not call the cache.
    /// - Returns: What `body` returned, or `nil` if there is no live entry.
    /// - Throws: What `body` throws.
    /// - Complexity: O(1) on average.
    @inlinable
    public func withValue<Result, Failure: Error>(
        forKey key: Key,
        _ body: (borrowing Value) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        try read(key, now: time.now, body)
    }

    /// Reads a value at a time that the caller has read already.
    @inlinable
    package func value(forKey key: Key, now: UInt64) -> Value? {
        read(key, now: now) { $0 }
    }

    /// Reads the clock only if entries have deadlines.
    @inlinable
    @inline(__always)
    package func read<Result, Failure: Error>(
        _ key: Key,
        now: @autoclosure () -> UInt64,
        _ body: (borrowing Value) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        let thread = ThreadNumbers.current
        guard thread <= openLanes.load(ordering: .relaxed), case let lane = lanes[thread],
            let turns = ReaderLanes.Lane.enter(lane, isFenced: lanes.areFenced)
        else {
            let hash = hasher.hash(key)
            if openLanes.load(ordering: .relaxed) == 0 { record(hash) }
            showWithoutLane(key, hash)
            return try readLocked(key, UInt32(truncatingIfNeeded: hash), shards.number(hash), now: now, body)
        }
        // After the announcement, which takes its time, and does not have to wait for this.
        let hash = hasher.hash(key)
        let short = UInt32(truncatingIfNeeded: hash)
        let number = shards.number(hash)
        guard ShardLock.letsPass(shards.lock(number)) else {
            ReaderLanes.Lane.leaveWithoutHit(lane, turns)
            show(key, hash, turn: turns)
            return try readLocked(key, short, number, now: now, body)
        }
        let shard = shards.shard(number)
        let node = shard.pointee.find(key, short)
        guard node != .none else {
            ReaderLanes.Lane.leaveWithoutHit(lane, turns)
            ReaderLanes.Lane.increment(lane.pointee.misses)
            show(key, hash, turn: turns)
            return nil
        }
        guard shard.pointee.touch(node, now: now) else {
            ReaderLanes.Lane.leaveWithoutHit(lane, turns)
            show(key, hash, turn: turns)
            return try readLocked(key, short, number, now: now, body)
        }
        shard.pointee.policy.hit(shard.pointee.slab.marks + Int(node))
        defer {
            ReaderLanes.Lane.leave(lane, turns)
            show(key, hash, turn: turns)
        }
        return try body(shard.pointee.slab.entries[Int(node)].value)
    }

    /// Reads under the spin lock: while the shard is written to, and to take out an entry that has expired.
    @inlinable
    @inline(never)
    func readLocked<Result, Failure: Error>(
        _ key: Key,
        _ hash: UInt32,
        _ number: Int,
        now: () -> UInt64,
        _ body: (borrowing Value) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        let lock = shards.lock(number)
        let shard = shards.shard(number)
        ShardLock.lock(lock)
        let node = shard.pointee.find(key, hash)
        if node != .none, shard.pointee.touch(node, now: now) {
            ReaderLanes.Lane.increment(shard.pointee.lockedHits)
            shard.pointee.policy.hit(shard.pointee.slab.marks + Int(node))
            defer {
                ShardLock.countQuietRead(lock)
                ShardLock.unlock(lock)
            }
            return try body(shard.pointee.slab.entries[Int(node)].value)
        }
        ReaderLanes.Lane.increment(shard.pointee.lockedMisses)
        guard node != .none else {
            ShardLock.countQuietRead(lock)
            ShardLock.unlock(lock)
            return nil
        }
        ShardLock.standUpright(lock, lanes)
        var removals = Removals<Key, Value>()
        let freed = shard.pointee.remove(node, cause: .expired, removals: &removals)
        totalWeight.wrappingSubtract(freed, ordering: .relaxed)
        finish(number, &removals)
        return nil
    }

    /// Reads an entry with its deadline, whether its life is over or not, without counting or marking it.
    package func peek(forKey key: Key) -> (value: Value, deadline: UInt64)? {
        let hash = hasher.hash(key)
        let number = shards.number(hash)
        ShardLock.lock(shards.lock(number))
        defer { ShardLock.unlock(shards.lock(number)) }
        let shard = shards.shard(number)
        let node = shard.pointee.find(key, UInt32(truncatingIfNeeded: hash))
        guard node != .none else { return nil }
        return (shard.pointee.slab.entries[Int(node)].value, shard.pointee.deadline(node))
    }
}
