public import Synchronization

/// The nodes of a shard, in columns.
///
/// A hit touches an entry and its mark, so these lie in arrays of their own, and as many of them as can be share
/// a cache line. What only writers need is elsewhere, and what only some caches need (weights, deadlines) takes
/// room only there.
///
/// Safe because a node's entry is initialised exactly from ``take()`` to ``release(_:)``; the other columns hold
/// trivial values, which are written before a node is used.
@usableFromInline
struct Slab<Key, Value>: ~Copyable {
    @usableFromInline
    struct Entry {
        @usableFromInline var key: Key
        @usableFromInline var value: Value

        @inlinable
        init(key: Key, value: Value) {
            self.key = key
            self.value = value
        }
    }

    @usableFromInline var entries: UnsafeMutablePointer<Entry>
    @usableFromInline var marks: UnsafeMutablePointer<Atomic<UInt8>>
    @usableFromInline var deadlines: UnsafeMutablePointer<Atomic<UInt64>>?
    @usableFromInline var links: UnsafeMutablePointer<NodeLinks>
    @usableFromInline var weights: UnsafeMutablePointer<Int>?
    /// The latest deadlines, where accesses move the present ones.
    @usableFromInline var ends: UnsafeMutablePointer<UInt64>?
    @usableFromInline var timers: UnsafeMutablePointer<TimerWheel.Links>?
    @usableFromInline var capacity: Int
    /// Nodes from here on were never used.
    @usableFromInline var unusedFrom: Int = 0
    /// The first of the nodes that were used and are free, which are linked by `older`.
    @usableFromInline var free: Node = .none

    @inlinable
    init(capacity: Int, weighs: Bool) {
        self.capacity = capacity
        entries = .allocate(capacity: capacity)
        marks = .allocate(capacity: capacity)
        links = .allocate(capacity: capacity)
        weights = weighs ? .allocate(capacity: capacity) : nil
        deadlines = nil
    }

    /// Frees the memory; the entries must have been moved out.
    @inlinable
    deinit {
        entries.deallocate()
        marks.deallocate()
        links.deallocate()
        weights?.deallocate()
        deadlines?.deallocate()
        ends?.deallocate()
        timers?.deallocate()
    }

    /// The columns that the policy works on.
    @inlinable
    @inline(__always)
    var nodes: NodeTable { NodeTable(links: links, marks: marks) }

    /// Whether the next node needs ``grow(capacity:)`` first.
    @inlinable
    @inline(__always)
    var isFull: Bool { free == .none && unusedFrom == capacity }

    /// A free node; there must be one.
    @inlinable
    @inline(__always)
    mutating func take() -> Node {
        if free != .none {
            let node = free
            free = links[Int(node)].older
            return node
        }
        unusedFrom &+= 1
        return Node(truncatingIfNeeded: unusedFrom &- 1)
    }

    /// Moves the entry out of a node, which is free then.
    @inlinable
    @inline(__always)
    mutating func release(_ node: Node) -> Entry {
        let entry = (entries + Int(node)).move()
        links[Int(node)].older = free
        free = node
        return entry
    }
}
