public import Synchronization

extension MemoryCache {
    /// Stores a value, replacing what the key held.
    ///
    /// - Parameters:
    ///   - value: The value to store.
    ///   - key: The key of the entry.
    ///   - timeToLive: How long the entry may be read, or `nil` for as long as there is room. An entry whose
    ///     life is zero or negative is not stored.
    /// - Returns: Whether the value was stored; if not, because it is heavier than an entry may be or its life is
    ///   over, the key holds nothing.
    /// - Complexity: O(1) on average, and O(entries that must leave).
    @inlinable
    @discardableResult
    public func setValue(_ value: Value, forKey key: Key, timeToLive: Duration? = nil) -> Bool {
        let now = time.now
        let deadline = timeToLive.map { Deadline.after(max($0, .zero), from: now) } ?? Deadline.never
        return setValue(value, forKey: key, deadline: deadline, now: now)
    }

    /// Stores a value that lives until a deadline of the cache's time source.
    @inlinable
    @discardableResult
    package func setValue(_ value: Value, forKey key: Key, deadline: UInt64, now: UInt64) -> Bool {
        var weight = weigher.map { max(1, $0(key, value)) } ?? 1
        if deadline != Deadline.never { weight = min(weight, .max &- deadlineWeight) &+ deadlineWeight }
        let limit = limit.load(ordering: .relaxed)
        let hash = hasher.hash(key)
        guard weight <= min(limit, maximumEntryWeight), deadline > now else {
            remove(key, hash, cause: .replaced, now: now)
            return false
        }
        let number = shards.number(hash)
        let shard = shards.shard(number)
        var removals = Removals<Key, Value>()
        lockAlone(number)
        var growth = 0
        if shard.pointee.mayHaveExpired(now: now) { growth &-= removeSomeExpired(shard, now: now, &removals) }
        let (node, added, isNew) = shard.pointee.store(
            value,
            key,
            UInt32(truncatingIfNeeded: hash),
            weight: weight,
            deadline: deadline,
            now: now,
            removals: &removals
        )
        growth &+= added
        if isNew {
            let excess = totalWeight.load(ordering: .relaxed) &+ growth &- limit
            growth &-= shard.pointee.admit(excess: excess, now: now, removals: &removals)
        }
        if growth != 0 { settle(growth, in: shard, sparing: node, now: now, limit: limit, &removals) }
        finish(number, &removals)
        if isOverLimit { makeRoom(startingAfter: number, now: now) }
        return true
    }

    /// Adds what a shard grew by to the total, as far as it is not evicted again.
    ///
    /// A full cache whose entries weigh the same does not come here: all threads share the total, which is only
    /// read then.
    @inlinable
    func settle(
        _ growth: Int,
        in shard: UnsafeMutablePointer<Shard<Key, Value>>,
        sparing node: Node,
        now: UInt64,
        limit: Int,
        _ removals: inout Removals<Key, Value>
    ) {
        var total = totalWeight.wrappingAdd(growth, ordering: .relaxed).newValue
        var evicted = 0
        // The rest of many follows in steps; see `makeRoom`.
        while total > limit, evicted < 256,
            let freed = shard.pointee.evict(sparing: node, now: now, removals: &removals)
        {
            total = totalWeight.wrappingSubtract(freed, ordering: .relaxed).newValue
            evicted += 1
        }
    }

    /// Evicts from the other shards, a few entries of each in turn, until the weight is in bounds, and only then from the
    /// one that was written to last.
    @usableFromInline
    func makeRoom(startingAfter home: Int, now: UInt64) {
        var isMore = true
        while isMore {
            isMore = false
            for step in 1..<shards.count where isOverLimit {
                if evictSome(ofShard: (home + step) % shards.count, now: now) { isMore = true }
            }
        }
        while isOverLimit, evictSome(ofShard: home, now: now) {}
    }

    /// Evicts a few entries of a shard, at least one while the cache is over its limit.
    ///
    /// - Returns: Whether there may be more of them.
    private func evictSome(ofShard number: Int, now: UInt64) -> Bool {
        var removals = Removals<Key, Value>()
        lockAlone(number)
        while isOverLimit, removals.count < 256,
            let freed = shards.shard(number).pointee.evict(sparing: .none, now: now, removals: &removals)
        {
            totalWeight.wrappingSubtract(freed, ordering: .relaxed)
        }
        let isMore = removals.count == 256
        finish(number, &removals)
        return isMore
    }

    /// Removes an entry.
    ///
    /// - Parameter key: The key of the entry.
    /// - Returns: The value that was removed, or `nil` if there was no live entry.
    /// - Complexity: O(1) on average.
    @inlinable
    @discardableResult
    public func removeValue(forKey key: Key) -> Value? {
        let removal = remove(key, hasher.hash(key), cause: .removed, now: time.now)
        guard let removal, removal.cause != .expired else { return nil }
        return removal.value
    }

    @inlinable
    @discardableResult
    func remove(_ key: Key, _ hash: UInt64, cause: RemovalCause, now: UInt64) -> Removal<Key, Value>? {
        let number = shards.number(hash)
        let shard = shards.shard(number)
        ShardLock.lock(shards.lock(number))
        let node = shard.pointee.find(key, UInt32(truncatingIfNeeded: hash))
        guard node != .none else {
            ShardLock.unlock(shards.lock(number))
            return nil
        }
        ShardLock.standUpright(shards.lock(number), lanes)
        var removals = Removals<Key, Value>()
        let cause = shard.pointee.deadline(node) <= now ? RemovalCause.expired : cause
        let freed = shard.pointee.remove(node, cause: cause, removals: &removals)
        totalWeight.wrappingSubtract(freed, ordering: .relaxed)
        let removal = removals.first
        finish(number, &removals)
        return removal
    }

    // MARK: The lock of a writer

    @inlinable
    @inline(__always)
    func lockAlone(_ number: Int) {
        ShardLock.lock(shards.lock(number))
        ShardLock.standUpright(shards.lock(number), lanes)
    }

    /// Unlocks a shard, and announces what left it.
    @inlinable
    @inline(__always)
    func finish(_ number: Int, _ removals: inout Removals<Key, Value>) {
        if removalListener != nil, removals.first != nil {
            post(number, &removals)
        } else {
            ShardLock.unlock(shards.lock(number))
        }
    }
}
