extension MemoryCache {
    /// Puts what left a locked shard into its outbox, unlocks it, and empties the outbox.
    ///
    /// One thread at a time announces for a shard, in the order in which entries left; another that comes
    /// meanwhile leaves its removals to the first. So a listener hears of each key in order, and a listener that
    /// calls the cache back is not called inside itself.
    @inlinable
    @inline(never)
    func post(_ number: Int, _ removals: inout Removals<Key, Value>) {
        let outbox = shards.shard(number).pointee.outbox
        if let first = removals.first { outbox.pointee.removals.append(first) }
        outbox.pointee.removals.append(contentsOf: removals.rest)
        removals = Removals()
        guard !outbox.pointee.isAnnouncing else {
            ShardLock.unlock(shards.lock(number))
            return
        }
        outbox.pointee.isAnnouncing = true
        while !outbox.pointee.removals.isEmpty { announce(outbox, ofShard: number) }
        outbox.pointee.isAnnouncing = false
        ShardLock.unlock(shards.lock(number))
    }

    /// Empties the outbox of a locked shard, with the lock free meanwhile.
    @inlinable
    @inline(never)
    func announce(_ outbox: UnsafeMutablePointer<Outbox<Key, Value>>, ofShard number: Int) {
        var batch: [Removal<Key, Value>] = []
        swap(&batch, &outbox.pointee.removals)
        ShardLock.unlock(shards.lock(number))
        for removal in batch { removalListener?(removal.key, removal.value, removal.cause) }
        // Here, and not at the end of the scope, where the lock is held again.
        batch = []
        ShardLock.lock(shards.lock(number))
    }
}
