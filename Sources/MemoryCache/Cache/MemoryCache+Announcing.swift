extension MemoryCache {
    /// Puts what left a locked shard into its outbox, unlocks it, and empties the outbox.
    ///
    /// One thread at a time announces for a shard, in the order in which entries left; another that comes
    /// meanwhile leaves its removals to the first. So a listener hears of each key in order, and a listener that
    /// calls the cache back is not called inside itself.
    @inlinable
    @inline(never)
    func post(_ number: Int, _ removals: inout Removals<Key, Value>) {
        let shard = shards.shard(number)
        if let first = removals.first { shard.pointee.outbox.append(first) }
        shard.pointee.outbox.append(contentsOf: removals.rest)
        removals = Removals()
        guard !shard.pointee.isAnnouncing else {
            ShardLock.unlock(shards.lock(number))
            return
        }
        shard.pointee.isAnnouncing = true
        while !shard.pointee.outbox.isEmpty {
            let batch = shard.pointee.outbox
            shard.pointee.outbox = []
            ShardLock.unlock(shards.lock(number))
            for removal in batch { removalListener?(removal.key, removal.value, removal.cause) }
            ShardLock.lock(shards.lock(number))
        }
        shard.pointee.isAnnouncing = false
        ShardLock.unlock(shards.lock(number))
    }
}
