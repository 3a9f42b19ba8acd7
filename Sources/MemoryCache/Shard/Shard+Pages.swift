import Synchronization

extension Shard {
    /// A copy of an entry and of what tells it from its successors under the same key.
    @usableFromInline
    struct Copied {
        @usableFromInline let key: Key
        @usableFromInline let value: Value
        @usableFromInline let node: Node
        @usableFromInline let stamp: UInt32
        let deadline: UInt64
        let weight: Int
        let heat: Int
    }

    /// How many nodes are looked at in one go, with the shard locked.
    static var pageSize: Int { 256 }

    /// The live entries of one page of nodes; `nil` past the last page.
    ///
    /// An entry keeps its node for life, so pages in turn show each entry that stays exactly once.
    func page(_ number: Int, now: UInt64) -> [Copied]? {
        let start = number * Shard.pageSize
        guard start < slab.unusedFrom else { return nil }
        var copies: [Copied] = []
        for node in start..<min(start + Shard.pageSize, slab.unusedFrom) {
            let node = Node(node)
            guard holds(node), deadline(node) > now else { continue }
            let entry = slab.entries + Int(node)
            copies.append(
                Copied(
                    key: entry.pointee.key,
                    value: entry.pointee.value,
                    node: node,
                    stamp: slab.links[Int(node)].stamp,
                    deadline: deadline(node),
                    weight: weight(node),
                    heat: policy.heat(node, slab.nodes)
                )
            )
        }
        return copies
    }

    /// Whether a node holds an entry.
    func holds(_ node: Node) -> Bool {
        Int(node) < slab.unusedFrom && slab.marks[Int(node)].load(ordering: .relaxed) != 0
    }

    /// Whether a node still holds the entry that was copied.
    ///
    /// Stamps repeat after four billion writes to the shard, which nobody does between a copy and this question.
    func holds(_ copy: Copied) -> Bool {
        holds(copy.node) && slab.links[Int(copy.node)].stamp == copy.stamp
    }
}
