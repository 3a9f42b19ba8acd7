import Synchronization

extension MemoryCache {
    /// Whether the tables, lists and sums of all shards agree, for tests; call it while no other call runs.
    package var isConsistent: Bool {
        var weight = 0
        for index in 0...shardMask {
            guard shards[index].withLock({ $0.isConsistent }) else { return false }
            weight += shards[index].withLock { $0.statistics.weight }
        }
        return weight == totalWeight.load(ordering: .relaxed) && weight <= capacity.limit
    }
}

extension Shard {
    /// Checks that index, list and sums agree, for tests.
    var isConsistent: Bool {
        var seen = 0
        var weight = 0
        var node = newest
        var newer = Shard.none
        while node != Shard.none {
            guard let key = nodes[Int(node)].key, nodes[Int(node)].newer == newer else { return false }
            guard find(key, nodes[Int(node)].hash) == node else { return false }
            seen += 1
            weight += nodes[Int(node)].weight
            newer = node
            node = nodes[Int(node)].older
        }
        let linked = index.count { $0 != Shard.none }
        return newer == oldest && seen == count && linked == count && weight == statistics.weight
    }
}
