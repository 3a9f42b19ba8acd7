import Synchronization

extension Shard {
    /// Takes everything out at once, and keeps what was counted.
    mutating func replaceWithEmpty() -> Shard {
        var fresh = Shard(share: share, weighs: weighs, idleTime: idleTime)
        fresh.statistics = statistics
        fresh.statistics.entries = 0
        fresh.statistics.weight = 0
        fresh.lastStamp = lastStamp
        fresh.lockedHits.store(lockedHits.load(ordering: .relaxed), ordering: .relaxed)
        fresh.lockedMisses.store(lockedMisses.load(ordering: .relaxed), ordering: .relaxed)
        swap(&self, &fresh)
        return fresh
    }

    /// Takes the entries of one page out, one by one.
    ///
    /// - Returns: The weight that left, or `nil` past the last page.
    mutating func removePage(_ number: Int, cause: RemovalCause, removals: inout Removals<Key, Value>) -> Int? {
        let start = number * Shard.pageSize
        guard start < slab.unusedFrom else { return nil }
        var freed = 0
        for node in start..<min(start + Shard.pageSize, slab.unusedFrom) where holds(Node(node)) {
            freed += remove(Node(node), cause: cause, removals: &removals)
        }
        return freed
    }

    /// Changes what the shard is expected to weigh.
    mutating func setShare(_ share: Int) {
        self.share = share
        if !weighs { policy.setCapacity(share) }
    }
}
