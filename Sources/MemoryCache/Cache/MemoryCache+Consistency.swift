import Synchronization

extension MemoryCache {
    /// Whether the tables, lists and sums of all shards agree, for tests; call it while no other call runs.
    package var isConsistent: Bool {
        var weight = 0
        for number in 0..<shards.count {
            lockAlone(number)
            defer { ShardLock.unlock(shards.lock(number)) }
            guard shards.shard(number).pointee.isConsistent else { return false }
            weight += shards.shard(number).pointee.statistics.weight
        }
        return weight == totalWeight.load(ordering: .relaxed) && weight <= capacity.limit
    }
}

extension Shard {
    /// Checks that index, slab, policy and sums agree, for tests.
    var isConsistent: Bool {
        var weight = 0
        var seen = 0
        for node in 0..<slab.unusedFrom where holds(Node(node)) {
            guard find(slab.entries[node].key, slab.links[node].hash) == Node(node) else { return false }
            weight += self.weight(Node(node))
            seen += 1
        }
        let linked = (0..<index.slotCount).count { index[$0] != 0 }
        return seen == count && linked == count && weight == statistics.weight && outbox.pointee.removals.isEmpty
            && policy.isConsistent(count: count, slab.nodes)
    }
}

extension EvictionPolicy {
    /// Checks that each node is in one of the two lists.
    func isConsistent(count: Int, _ nodes: NodeTable) -> Bool {
        window.count + main.count == count && window.isConsistent(nodes) && main.isConsistent(nodes)
    }
}

extension NodeList {
    /// Checks that the links agree in both directions.
    func isConsistent(_ nodes: NodeTable) -> Bool {
        var seen = 0
        var node = newest
        var newer = Node.none
        while node != .none, seen <= count {
            guard nodes.links[Int(node)].newer == newer else { return false }
            seen += 1
            newer = node
            node = nodes.links[Int(node)].older
        }
        return newer == oldest && seen == count
    }
}

extension MemoryCache {
    /// The hash of a key that the policy sees, for tests that compare it with a model.
    package func policyHash(of key: Key) -> UInt32 { UInt32(truncatingIfNeeded: hasher.hash(key)) }
}
