/// A list of nodes from the newest to the oldest, linked in the slab.
@usableFromInline
struct NodeList {
    @usableFromInline var newest: Node = .none
    @usableFromInline var oldest: Node = .none
    @usableFromInline var count = 0

    @inlinable
    init() {}

    mutating func insert(_ node: Node, _ nodes: NodeTable) {
        nodes.links[Int(node)].newer = .none
        nodes.links[Int(node)].older = newest
        if newest != .none { nodes.links[Int(newest)].newer = node } else { oldest = node }
        newest = node
        count &+= 1
    }

    mutating func remove(_ node: Node, _ nodes: NodeTable) {
        let newer = nodes.links[Int(node)].newer
        let older = nodes.links[Int(node)].older
        if newer != .none { nodes.links[Int(newer)].older = older } else { newest = older }
        if older != .none { nodes.links[Int(older)].newer = newer } else { oldest = newer }
        count &-= 1
    }
}
