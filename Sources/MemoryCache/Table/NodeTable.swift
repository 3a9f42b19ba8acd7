public import Synchronization

/// How a node hangs together with others, and what writers need to know of it.
@usableFromInline
struct NodeLinks {
    @usableFromInline var newer: Node
    @usableFromInline var older: Node
    @usableFromInline var hash: UInt32
    /// Tells an entry from its successors under the same key.
    @usableFromInline var stamp: UInt32

    @inlinable
    init(hash: UInt32, stamp: UInt32) {
        newer = .none
        older = .none
        self.hash = hash
        self.stamp = stamp
    }
}

/// The columns of a slab that are the same for all keys and values.
///
/// What works on these alone is compiled once, in this module.
@usableFromInline
struct NodeTable {
    // Safe while the shard is locked: these point into its slab, which does not move then.
    @usableFromInline let links: UnsafeMutablePointer<NodeLinks>
    @usableFromInline let marks: UnsafeMutablePointer<Atomic<UInt8>>

    @inlinable
    @inline(__always)
    init(links: UnsafeMutablePointer<NodeLinks>, marks: UnsafeMutablePointer<Atomic<UInt8>>) {
        self.links = links
        self.marks = marks
    }

    @inline(__always)
    subscript(node: Node) -> NodeLinks {
        get { links[Int(node)] }
        nonmutating set { links[Int(node)] = newValue }
    }

    /// The bits of a node's mark.
    @inline(__always)
    func mark(_ node: Node) -> UInt8 { marks[Int(node)].load(ordering: .relaxed) }

    @inline(__always)
    func setMark(_ node: Node, _ mark: UInt8) { marks[Int(node)].store(mark, ordering: .relaxed) }
}
