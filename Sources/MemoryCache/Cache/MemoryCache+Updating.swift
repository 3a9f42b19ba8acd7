import Synchronization

extension MemoryCache {
    /// Changes an entry in its place, or removes it, as one step and without counting it as a read or a write.
    ///
    /// Its weight and its deadline stay.
    ///
    /// - Parameters:
    ///   - key: The key of the entry; nothing is done if there is none.
    ///   - body: Gets the value, whether its life is over or not, and says whether the entry stays. It runs inside the
    ///     cache: it must be short and must not call the cache.
    package func update(forKey key: Key, _ body: (inout Value) -> Bool) {
        let hash = hasher.hash(key)
        let number = shards.number(hash)
        let shard = shards.shard(number)
        var removals = Removals<Key, Value>()
        lockAlone(number)
        let node = shard.pointee.find(key, UInt32(truncatingIfNeeded: hash))
        if node != .none, !body(&shard.pointee.slab.entries[Int(node)].value) {
            let freed = shard.pointee.remove(node, cause: .invalidated, removals: &removals)
            totalWeight.wrappingSubtract(freed, ordering: .relaxed)
        }
        finish(number, &removals)
    }
}
