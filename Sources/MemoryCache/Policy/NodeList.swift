/// A list of nodes from the newest to the oldest, linked in the slab.
@usableFromInline
struct NodeList {
    @usableFromInline var newest: Node = .none
    @usableFromInline var oldest: Node = .none
    @usableFromInline var count = 0

    @inlinable
    init() {}

    @inlinable
    @inline(__always)
    mutating func insert<Key, Value>(_ node: Node, _ slab: borrowing Slab<Key, Value>) {
        slab.links[Int(node)].newer = .none
        slab.links[Int(node)].older = newest
        if newest != .none { slab.links[Int(newest)].newer = node } else { oldest = node }
        newest = node
        count &+= 1
    }

    @inlinable
    @inline(__always)
    mutating func remove<Key, Value>(_ node: Node, _ slab: borrowing Slab<Key, Value>) {
        let newer = slab.links[Int(node)].newer
        let older = slab.links[Int(node)].older
        if newer != .none { slab.links[Int(newer)].older = older } else { newest = older }
        if older != .none { slab.links[Int(older)].newer = newer } else { oldest = newer }
        count &-= 1
    }
}
