extension Shard {
    /// Reads a live entry and marks it as used.
    @inlinable
    @inline(__always)
    mutating func read(_ key: Key, _ hash: Int, now: UInt64, removals: inout Removals<Key, Value>) -> Value? {
        let node = find(key, hash)
        guard node != Shard.none else {
            statistics.misses &+= 1
            return nil
        }
        guard nodes[Int(node)].deadline > now else {
            statistics.misses &+= 1
            remove(node, cause: .expired, removals: &removals)
            return nil
        }
        statistics.hits &+= 1
        nodes[Int(node)].visited = true
        return nodes[Int(node)].value
    }

    /// Stores an entry, replacing what the key held.
    ///
    /// - Returns: By how much the weight of the shard grew.
    @inlinable
    mutating func store(
        _ value: Value,
        _ key: Key,
        _ hash: Int,
        weight: Int,
        deadline: UInt64,
        now: UInt64,
        removals: inout Removals<Key, Value>
    ) -> Int {
        statistics.insertions &+= 1
        lastStamp &+= 1
        var node = find(key, hash)
        if node != Shard.none {
            let old = nodes[Int(node)]
            if let oldKey = old.key, let oldValue = old.value {
                let expired = old.deadline <= now
                if expired { statistics.expirations &+= 1 }
                removals.append(
                    .init(key: oldKey, value: oldValue, weight: old.weight, cause: expired ? .expired : .replaced)
                )
            }
            statistics.weight &+= weight &- old.weight
            nodes[Int(node)].value = value
            nodes[Int(node)].deadline = deadline
            nodes[Int(node)].weight = weight
            nodes[Int(node)].stamp = lastStamp
            nodes[Int(node)].visited = true
            return weight &- old.weight
        }
        growIndexIfNeeded()
        node = takeNode()
        nodes[Int(node)].key = key
        nodes[Int(node)].value = value
        nodes[Int(node)].deadline = deadline
        nodes[Int(node)].weight = weight
        nodes[Int(node)].stamp = lastStamp
        nodes[Int(node)].hash = hash
        nodes[Int(node)].visited = false
        link(node, hash)
        enlist(node)
        statistics.entries &+= 1
        statistics.weight &+= weight
        return weight
    }

    /// Takes a node out, whatever the reason.
    ///
    /// - Returns: The weight that left.
    @inlinable
    @discardableResult
    mutating func remove(_ node: Int32, cause: RemovalCause, removals: inout Removals<Key, Value>) -> Int {
        unlink(node)
        delist(node)
        let left = nodes[Int(node)]
        nodes[Int(node)].key = nil
        nodes[Int(node)].value = nil
        nodes[Int(node)].older = unused
        unused = node
        statistics.entries &-= 1
        statistics.weight &-= left.weight
        if cause == .evicted { statistics.evictions &+= 1 }
        if cause == .expired { statistics.expirations &+= 1 }
        if let key = left.key, let value = left.value {
            removals.append(.init(key: key, value: value, weight: left.weight, cause: cause))
        }
        return left.weight
    }

    /// Evicts the entry that SIEVE chooses, sparing one node.
    ///
    /// - Returns: The weight that left, or `nil` if there was no other entry.
    @inlinable
    mutating func evict(sparing spared: Int32, now: UInt64, removals: inout Removals<Key, Value>) -> Int? {
        guard count > (spared == Shard.none ? 0 : 1) else { return nil }
        while true {
            let node = hand == Shard.none ? oldest : hand
            hand = nodes[Int(node)].newer
            if node == spared { continue }
            if nodes[Int(node)].deadline <= now { return remove(node, cause: .expired, removals: &removals) }
            if !nodes[Int(node)].visited { return remove(node, cause: .evicted, removals: &removals) }
            nodes[Int(node)].visited = false
        }
    }

    // MARK: List and slab

    @inlinable
    mutating func takeNode() -> Int32 {
        if unused != Shard.none {
            let node = unused
            unused = nodes[Int(node)].older
            return node
        }
        nodes.append(Node())
        return Int32(truncatingIfNeeded: nodes.count &- 1)
    }

    @inlinable
    mutating func enlist(_ node: Int32) {
        nodes[Int(node)].newer = Shard.none
        nodes[Int(node)].older = newest
        if newest != Shard.none { nodes[Int(newest)].newer = node } else { oldest = node }
        newest = node
    }

    @inlinable
    mutating func delist(_ node: Int32) {
        let newer = nodes[Int(node)].newer
        let older = nodes[Int(node)].older
        if hand == node { hand = newer }
        if newer != Shard.none { nodes[Int(newer)].older = older } else { newest = older }
        if older != Shard.none { nodes[Int(older)].newer = newer } else { oldest = newer }
    }
}
