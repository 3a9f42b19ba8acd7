public import Synchronization

/// The nodes of a shard that have deadlines, by when these come: a hierarchical timing wheel, after Varghese and
/// Lauck (SOSP 1987).
///
/// Time is cut into ticks of a quarter of a second. A bucket of the first level holds the nodes of one tick, one of
/// each further level those of 64 times as many. A node lies in the level at which its tick and the present one
/// first differ, so that buckets are emptied in order, and a node moves at most once per level in its life. To
/// place, to move and to cancel a node costs the same however many there are.
///
/// A node may lie earlier than its deadline, never later. So a deadline that moves away, as it does with each
/// access to an entry that is kept while in use, needs no work here until the old one comes.
@usableFromInline
struct TimerWheel: ~Copyable {
    @usableFromInline
    struct Links {
        @usableFromInline var next: Node = .none
        /// The node before, or the bucket with the highest bit set, or `none` for a node that is not scheduled.
        @usableFromInline var previous: UInt32 = .none

        @inlinable
        init() {}
    }

    /// How many levels 64 bits of nanoseconds need.
    static var levels: Int { 6 }
    private static var bucketBit: UInt32 { 0x8000_0000 }

    // Safe: made and freed with the wheel, and indexed by buckets, all of which are below `levels * 64`.
    private let heads: UnsafeMutablePointer<Node>
    private let occupied: UnsafeMutablePointer<UInt64>
    /// All buckets before this tick are empty.
    private var current: UInt64
    /// No bucket before this tick has nodes; there may be none in it either.
    @usableFromInline var next: UInt64 = .max

    @usableFromInline
    init(now: UInt64) {
        heads = .allocate(capacity: Self.levels * 64)
        heads.initialize(repeating: .none, count: Self.levels * 64)
        occupied = .allocate(capacity: Self.levels)
        occupied.initialize(repeating: 0, count: Self.levels)
        current = Self.tick(now)
    }

    @usableFromInline
    deinit {
        heads.deallocate()
        occupied.deallocate()
    }

    /// The tick of a point in time.
    @inlinable
    @inline(__always)
    static func tick(_ time: UInt64) -> UInt64 { time &>> 28 }

    // MARK: Nodes

    /// Puts a node where its deadline belongs.
    @usableFromInline
    mutating func place(_ node: Node, deadline: UInt64, _ links: UnsafeMutablePointer<Links>) {
        let tick = max(Self.tick(deadline), current)
        let difference = tick ^ current
        let level = difference == 0 ? 0 : (63 - difference.leadingZeroBitCount) / 6
        let slot = Int(tick >> UInt64(6 * level)) & 63
        let bucket = level * 64 + slot
        links[Int(node)].next = heads[bucket]
        links[Int(node)].previous = Self.bucketBit | UInt32(bucket)
        if heads[bucket] != .none { links[Int(heads[bucket])].previous = node }
        heads[bucket] = node
        occupied[level] |= 1 << UInt64(slot)
        next = min(next, tick)
    }

    /// Takes a node out, if it is in.
    @usableFromInline
    func cancel(_ node: Node, _ links: UnsafeMutablePointer<Links>) {
        let (following, previous) = (links[Int(node)].next, links[Int(node)].previous)
        guard previous != .none else { return }
        links[Int(node)].previous = .none
        if following != .none { links[Int(following)].previous = previous }
        if previous & Self.bucketBit == 0 {
            links[Int(previous)].next = following
        } else {
            let bucket = Int(previous & ~Self.bucketBit)
            heads[bucket] = following
            if following == .none { occupied[bucket / 64] &= ~(1 << UInt64(bucket % 64)) }
        }
    }

    // MARK: Time

    /// Takes out nodes whose deadline has come, and moves on those whose deadline has moved.
    ///
    /// - Returns: The first of the nodes that are due, which are linked by `next`, how many they are, at most `limit`, and
    ///   whether there may be more.
    @usableFromInline
    mutating func takeDue(
        _ now: UInt64,
        limit: Int,
        _ links: UnsafeMutablePointer<Links>,
        _ deadlines: UnsafeMutablePointer<Atomic<UInt64>>
    ) -> (first: Node, count: Int, isMore: Bool) {
        var due = Node.none
        var count = 0
        // Nodes move on in steps too: a bucket of a higher level may hold all there are.
        var moves = 0
        while let (bucket, start) = earliest, start <= Self.tick(now) {
            current = max(current, start)
            var node = heads[bucket]
            while node != .none, count < limit, moves < 8 * limit {
                let following = links[Int(node)].next
                let end = deadlines[Int(node)].load(ordering: .relaxed)
                if end == Deadline.never {
                    cancel(node, links)
                    moves += 1
                } else if bucket >= 64 || (end > now && Self.tick(end) > start) {
                    cancel(node, links)
                    place(node, deadline: end, links)
                    moves += 1
                } else if end <= now {
                    cancel(node, links)
                    links[Int(node)].next = due
                    due = node
                    count += 1
                } else {
                    moves += 1
                }
                node = following
            }
            // What is left is over the limit, or comes later within the present tick.
            if heads[bucket] != .none { break }
        }
        next = earliest?.start ?? .max
        return (due, count, count >= limit || moves >= 8 * limit)
    }

    /// The first bucket that has nodes, and its first tick; of two that begin together, that of the higher level, which
    /// is to be spread over the lower ones.
    private var earliest: (bucket: Int, start: UInt64)? {
        var earliest: (bucket: Int, start: UInt64)?
        for level in 0..<Self.levels where occupied[level] != 0 {
            let slot = occupied[level].trailingZeroBitCount
            let shift = UInt64(6 * level)
            let above = (current >> (shift + 6)) << (shift + 6)
            let start = above | UInt64(slot) << shift
            if start <= earliest?.start ?? .max { earliest = (level * 64 + slot, start) }
        }
        return earliest
    }
}
