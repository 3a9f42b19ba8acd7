public import CMemoryCache

/// An open-addressed table from hashes to the nodes that have them.
///
/// A slot is half a word, so that the table of a large cache stays in the processor's own cache: the node plus one
/// in the low 20 bits, zero if the slot is free, and 12 bits of the hash above, which spare nearly all looks at a
/// wrong node. A search looks at several slots at once, which spares the processor a guess at where it will end.
/// Collisions go to the next slot; a removal moves later slots back into the hole, so that there are
/// no tombstones. The number of slots need not be a power of two, which keeps a table at its final size full.
@usableFromInline
struct HashIndex: ~Copyable {
    @usableFromInline var slots: UnsafeMutablePointer<UInt32>
    @usableFromInline var slotCount: UInt64

    /// Makes a table with room for a number of nodes.
    @inlinable
    init(nodes: Int) {
        slotCount = Self.slotCount(nodes: nodes)
        // The first slots are repeated behind the last, so that a group need not wrap around.
        let count = Int(slotCount) + Self.group - 1
        slots = .allocate(capacity: count)
        slots.initialize(repeating: 0, count: count)
    }

    @inlinable
    deinit { slots.deallocate() }

    /// The largest number of nodes that slots can name.
    @inlinable static var maximumNodes: Int { 1 &<< 20 &- 1 }

    /// At most three quarters of the slots are ever taken, so that a search always meets a free one, and soon.
    @inlinable
    static func slotCount(nodes: Int) -> UInt64 { UInt64(nodes &+ nodes / 3 &+ 4) }

    /// The slot at which a search for a hash begins.
    @inlinable
    @inline(__always)
    func home(_ hash: UInt32) -> UInt64 { (UInt64(hash) &* slotCount) &>> 32 }

    @inlinable
    @inline(__always)
    func after(_ position: UInt64) -> UInt64 { position &+ 1 == slotCount ? 0 : position &+ 1 }

    @inlinable
    @inline(__always)
    subscript(position: UInt64) -> UInt32 {
        get { slots[Int(truncatingIfNeeded: position)] }
        nonmutating set {
            slots[Int(truncatingIfNeeded: position)] = newValue
            if position < Self.group &- 1 { slots[Int(truncatingIfNeeded: position &+ slotCount)] = newValue }
        }
    }

    /// How many slots a search looks at together.
    @inlinable static var group: Int { Int(LARDER_GROUP) }

    /// The node with a hash of which a test holds, or `none`.
    @inlinable
    @inline(__always)
    func find(_ hash: UInt32, where isWanted: (Node) -> Bool) -> Node {
        let tag = Self.tag(hash)
        var position = home(hash)
        while true {
            let start = slots + Int(truncatingIfNeeded: position)
            var matches = larder_matches(start, tag)
            while matches != 0 {
                let node = Self.node(start[matches.trailingZeroBitCount])
                if isWanted(node) { return node }
                matches &= matches &- 1
            }
            if larder_has_free(start) { return .none }
            position &+= UInt64(truncatingIfNeeded: Self.group)
            if position >= slotCount { position &-= slotCount }
        }
    }

    /// The bits of a hash that a slot keeps, which are not those that `home` uses most; never zero.
    @inlinable
    @inline(__always)
    static func tag(_ hash: UInt32) -> UInt32 { (hash | 1) &<< 20 }

    @inlinable
    @inline(__always)
    static func node(_ slot: UInt32) -> Node { (slot & 0xF_FFFF) &- 1 }

    /// Adds a node that is not in the table.
    ///
    /// - Returns: How many slots it passed.
    @inlinable
    @discardableResult
    func insert(_ node: Node, _ hash: UInt32) -> Int {
        var position = home(hash)
        var passed = 0
        while self[position] != 0 {
            position = after(position)
            passed &+= 1
        }
        self[position] = Self.tag(hash) | (node &+ 1)
        return passed
    }

    /// The first of the nodes with a hash, if these are as many as a number or more.
    @usableFromInline
    func first(ofAtLeast number: Int, _ hash: UInt32, hashOf: (Node) -> UInt32) -> Node {
        var first = Node.none
        var count = 0
        var position = home(hash)
        while self[position] != 0 {
            let node = Self.node(self[position])
            if hashOf(node) == hash {
                if first == .none { first = node }
                count += 1
                if count >= number { return first }
            }
            position = after(position)
        }
        return .none
    }

    /// Takes out a node that is in the table.
    ///
    /// `hashOf` gives the hash of another node.
    @inlinable
    @inline(__always)
    func remove(_ node: Node, _ hash: UInt32, hashOf: (Node) -> UInt32) {
        let slot = Self.tag(hash) | (node &+ 1)
        var hole = home(hash)
        while self[hole] != slot { hole = after(hole) }
        var position = hole
        while true {
            position = after(position)
            let moved = self[position]
            if moved == 0 { break }
            // Move a slot back only if its home does not lie between the hole and where it stands.
            if distance(home(hashOf(Self.node(moved))), position) >= distance(hole, position) {
                self[hole] = moved
                hole = position
            }
        }
        self[hole] = 0
    }

    /// How many steps a search goes from one slot to another.
    @inlinable
    @inline(__always)
    func distance(_ start: UInt64, _ end: UInt64) -> UInt64 {
        end >= start ? end &- start : end &+ slotCount &- start
    }
}

/// The number of a node in the slab of its shard.
@usableFromInline
typealias Node = UInt32

extension Node {
    /// The node that there is not.
    @inlinable static var none: Node { .max }
}
