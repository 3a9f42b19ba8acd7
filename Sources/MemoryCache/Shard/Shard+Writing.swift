public import Synchronization

extension Shard {
    /// Stores an entry, replacing what the key held.
    ///
    /// - Returns: The node that holds the entry, by how much the weight of the shard grew, and whether the key is new.
    @inlinable
    @inline(__always)
    mutating func store(
        _ value: Value,
        _ key: Key,
        _ hash: UInt32,
        weight: Int,
        deadline: UInt64,
        now: UInt64,
        removals: inout Removals<Key, Value>
    ) -> (node: Node, growth: Int, isNew: Bool) {
        lastStamp &+= 1
        let found = find(key, hash)
        if found != .none {
            let growth = weight &- self.weight(found)
            replace(found, value, key, removals: &removals, cause: self.deadline(found) <= now ? .expired : .replaced)
            slab.weights?[Int(found)] = weight
            set(found, deadline: deadline, now: now, isNew: false)
            statistics.weight &+= growth
            return (found, growth, false)
        }
        var growth = weight
        if slab.isFull { growth &-= growOrEvict(now: now, removals: &removals) }
        let node = slab.take()
        (slab.entries + Int(node)).initialize(to: .init(key: key, value: value))
        (slab.marks + Int(node)).initialize(to: Atomic(Mark.live))
        slab.links[Int(node)] = NodeLinks(hash: hash, stamp: stamp)
        slab.weights?[Int(node)] = weight
        set(node, deadline: deadline, now: now, isNew: true)
        let passed = index.insert(node, hash)
        policy.insert(node, slab.nodes)
        statistics.entries &+= 1
        statistics.weight &+= weight
        if passed > Self.mostAlike { growth &-= thin(hash, now: now, removals: &removals) }
        return (node, growth, true)
    }

    /// How many entries may have the same hash, which by chance never more than two or three have.
    @inlinable static var mostAlike: Int { 512 }

    /// Evicts an entry with a hash that too many have, so that keys with a bad `hash(into:)` cost the hit ratio, and not
    /// the time of those that wait for the lock.
    ///
    /// - Returns: The weight that left.
    @inlinable
    @inline(never)
    mutating func thin(_ hash: UInt32, now: UInt64, removals: inout Removals<Key, Value>) -> Int {
        let first = index.first(ofAtLeast: Self.mostAlike, hash) { slab.links[Int($0)].hash }
        return first == .none ? 0 : evict(first, now: now, removals: &removals)
    }

    @inlinable
    @inline(__always)
    mutating func replace(
        _ node: Node,
        _ value: Value,
        _ key: Key,
        removals: inout Removals<Key, Value>,
        cause: RemovalCause
    ) {
        // The old key leaves with the old value, so neither has to be copied.
        let entry = (slab.entries + Int(node)).move()
        (slab.entries + Int(node)).initialize(to: .init(key: key, value: value))
        slab.links[Int(node)].stamp = stamp
        policy.hit(slab.marks + Int(node))
        if cause == .expired { statistics.expirations &+= 1 }
        removals.append(Removal(key: entry.key, value: entry.value, cause: cause))
    }

    /// Takes a node out, whatever the reason.
    ///
    /// - Returns: The weight that left.
    @inlinable
    @discardableResult
    mutating func remove(_ node: Node, cause: RemovalCause, removals: inout Removals<Key, Value>) -> Int {
        let weight = weight(node)
        cancelTimer(node)
        index.remove(node, slab.links[Int(node)].hash) { slab.links[Int($0)].hash }
        policy.remove(node, slab.nodes)
        slab.marks[Int(node)].store(0, ordering: .relaxed)
        let entry = slab.release(node)
        statistics.entries &-= 1
        statistics.weight &-= weight
        if cause == .evicted { statistics.evictions &+= 1 }
        if cause == .expired { statistics.expirations &+= 1 }
        removals.append(Removal(key: entry.key, value: entry.value, cause: cause))
        return weight
    }

    /// Makes room for one more node.
    ///
    /// - Returns: The weight that left, if the shard may not grow any more.
    @inlinable
    @inline(never)
    mutating func growOrEvict(now: UInt64, removals: inout Removals<Key, Value>) -> Int {
        guard slab.capacity < HashIndex.maximumNodes else {
            return evict(sparing: .none, now: now, removals: &removals) ?? 0
        }
        slab.grow(capacity: grownCapacity)
        index = HashIndex(nodes: slab.capacity)
        // Where entries differ in weight, how many will fit shows only as they come.
        if weighs { policy.setCapacity(slab.capacity) }
        // No node is free, so all of them are in use.
        for node in 0..<slab.unusedFrom { index.insert(Node(node), slab.links[node].hash) }
        return 0
    }

    /// How many nodes a full slab should have room for.
    ///
    /// Small ones double; large ones grow by a quarter, so that little of them stays empty. One that shows that it is
    /// used gets the size that it is expected to have at once: what is not used yet takes no memory but in name, growth
    /// in steps would leave pieces behind, and it takes the longer the more entries there are.
    @usableFromInline
    var grownCapacity: Int {
        let present = slab.capacity
        let step = present < 1_024 ? present &* 2 : present &+ present / 4
        let full = share / max(1, statistics.weight / max(1, count))
        // The share, and four standard deviations.
        let expected = Int(min(Double(full) + 4 * Double(full).squareRoot() + 8, 1e9))
        let isNear = present < expected && present &* 32 > expected
        return min(isNear ? expected : step, HashIndex.maximumNodes)
    }

    /// The part of `lastStamp` that an entry keeps.
    @inlinable
    @inline(__always)
    var stamp: UInt32 { UInt32(truncatingIfNeeded: lastStamp) }
}
