extension Shard {
    /// Lets the policy find room after a new entry came into the window.
    ///
    /// The excess is by how much the cache is too heavy, if it is.
    ///
    /// - Returns: The weight that left.
    @inlinable
    mutating func admit(excess: Int, now: UInt64, removals: inout Removals<Key, Value>) -> Int {
        var freed = 0
        while case let candidate = policy.candidate, candidate != .none {
            if freed >= excess {
                policy.promote(candidate, slab.nodes)
                break
            }
            guard policy.main.count > 0 else {
                freed += evictCandidate(candidate, now: now, removals: &removals)
                continue
            }
            let victim = policy.findVictim(slab.nodes)
            if policy.prefers(candidate, to: victim, slab.nodes) {
                freed += evictVictim(victim, now: now, removals: &removals)
                policy.promote(candidate, slab.nodes)
            } else {
                freed += evictCandidate(candidate, now: now, removals: &removals)
            }
        }
        return freed
    }

    /// Evicts the entry that is worth least, sparing one node.
    ///
    /// - Returns: The weight that left, or `nil` if there was no other entry.
    @inlinable
    mutating func evict(sparing spared: Node, now: UInt64, removals: inout Removals<Key, Value>) -> Int? {
        guard count > (spared == .none ? 0 : 1) else { return nil }
        if policy.main.count > 0 {
            var victim = policy.findVictim(slab.nodes)
            if victim == spared {
                policy.passHand(slab.nodes)
                victim = policy.hand
            }
            if victim != spared { return evictVictim(victim, now: now, removals: &removals) }
        }
        let oldest = policy.window.oldest
        let candidate = oldest == spared ? slab.links[Int(oldest)].newer : oldest
        return evictCandidate(candidate, now: now, removals: &removals)
    }

    @inlinable
    mutating func evictVictim(_ node: Node, now: UInt64, removals: inout Removals<Key, Value>) -> Int {
        policy.remember(node, policy.hits(node, slab.nodes), slab.nodes)
        return evict(node, now: now, removals: &removals)
    }

    @inlinable
    mutating func evictCandidate(_ node: Node, now: UInt64, removals: inout Removals<Key, Value>) -> Int {
        policy.remember(node, 1 + policy.hits(node, slab.nodes), slab.nodes)
        return evict(node, now: now, removals: &removals)
    }

    @inlinable
    mutating func evict(_ node: Node, now: UInt64, removals: inout Removals<Key, Value>) -> Int {
        remove(node, cause: deadline(node) <= now ? .expired : .evicted, removals: &removals)
    }
}
