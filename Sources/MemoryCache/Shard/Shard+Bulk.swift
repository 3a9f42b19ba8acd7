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

    /// Takes all entries out one by one.
    mutating func removeAll(cause: RemovalCause, removals: inout Removals<Key, Value>) {
        for node in 0..<slab.unusedFrom where holds(Node(node)) {
            remove(Node(node), cause: cause, removals: &removals)
        }
    }

    /// Changes what the shard is expected to weigh.
    mutating func setShare(_ share: Int) {
        self.share = share
        if !weighs { policy.setCapacity(share) }
    }
}
