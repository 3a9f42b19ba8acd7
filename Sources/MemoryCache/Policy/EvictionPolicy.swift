public import Synchronization

/// Which entry of a shard leaves when there is no room: SIEVE, for now.
@usableFromInline
struct EvictionPolicy: ~Copyable {
    @usableFromInline var list = NodeList()
    @usableFromInline var hand: Node = .none

    @inlinable
    init() {}

    /// Takes note of a hit, by any number of readers at once.
    @inlinable
    @inline(__always)
    static func hit(_ mark: UnsafeMutablePointer<Atomic<UInt8>>) {
        let old = mark.pointee.load(ordering: .relaxed)
        // Written once, not on each hit: a line that is only read can be in all caches of the machine.
        if old & Mark.visited == 0 { mark.pointee.store(old | Mark.visited, ordering: .relaxed) }
    }

    /// Takes in a new node.
    @inlinable
    mutating func insert<Key, Value>(_ node: Node, _ slab: borrowing Slab<Key, Value>) {
        list.insert(node, slab)
    }

    /// Lets go of a node, whatever the reason.
    @inlinable
    mutating func remove<Key, Value>(_ node: Node, _ slab: borrowing Slab<Key, Value>) {
        if hand == node { hand = slab.links[Int(node)].newer }
        list.remove(node, slab)
    }

    /// How likely a node is to be read again; higher is likelier.
    func heat<Key, Value>(_ node: Node, _ slab: borrowing Slab<Key, Value>) -> Int {
        Int(slab.marks[Int(node)].load(ordering: .relaxed) & Mark.visited)
    }

    /// The node to evict; never the spared one, and `none` if there is no other.
    @inlinable
    mutating func victim<Key, Value>(sparing spared: Node, _ slab: borrowing Slab<Key, Value>) -> Node {
        guard list.count > (spared == .none ? 0 : 1) else { return .none }
        while true {
            let node = hand == .none ? list.oldest : hand
            hand = slab.links[Int(node)].newer
            if node == spared { continue }
            let mark = slab.marks[Int(node)].load(ordering: .relaxed)
            if mark & Mark.visited == 0 { return node }
            slab.marks[Int(node)].store(mark & ~Mark.visited, ordering: .relaxed)
        }
    }
}

/// The bits of a node's mark.
@usableFromInline
enum Mark {
    /// The node holds an entry.
    @inlinable static var live: UInt8 { 0x80 }
    /// The entry was read since the policy last looked at it.
    @inlinable static var visited: UInt8 { 0x01 }
}
