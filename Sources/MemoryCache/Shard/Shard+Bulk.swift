extension Shard {
    /// A copy of an entry and of what tells it from its successors under the same key.
    struct Entry {
        let key: Key
        let value: Value
        let hash: Int
        let stamp: UInt64
    }

    /// Reads an entry with its deadline, whether its life is over or not, without counting or marking it.
    func peek(_ key: Key, _ hash: Int) -> (value: Value, deadline: UInt64)? {
        let node = find(key, hash)
        guard node != Shard.none, let value = nodes[Int(node)].value else { return nil }
        return (value, nodes[Int(node)].deadline)
    }

    /// The entries from the newest to the oldest.
    var entries: [Entry] {
        var entries: [Entry] = []
        entries.reserveCapacity(count)
        var node = newest
        while node != Shard.none {
            if let key = nodes[Int(node)].key, let value = nodes[Int(node)].value {
                entries.append(
                    Entry(key: key, value: value, hash: nodes[Int(node)].hash, stamp: nodes[Int(node)].stamp)
                )
            }
            node = nodes[Int(node)].older
        }
        return entries
    }

    /// Takes out the entries whose deadline has come.
    ///
    /// - Returns: The weight that left.
    mutating func removeExpired(now: UInt64, removals: inout Removals<Key, Value>) -> Int {
        var freed = 0
        var node = newest
        while node != Shard.none {
            let older = nodes[Int(node)].older
            if nodes[Int(node)].deadline <= now { freed += remove(node, cause: .expired, removals: &removals) }
            node = older
        }
        return freed
    }
}
