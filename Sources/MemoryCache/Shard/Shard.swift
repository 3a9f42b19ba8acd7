public import Synchronization

/// One part of the table of a ``MemoryCache``, with the entries whose hashes fall into it.
///
/// A value without locks, clocks or callbacks: its owner holds the lock, passes the time, and gets back what
/// left, to release and report it once the lock is free. Methods that do not mutate may run in any number of
/// readers at once; all others want to be alone.
@usableFromInline
struct Shard<Key: Hashable, Value>: ~Copyable {
    // In this order, what a hit reads shares the cache line of the lock.
    @usableFromInline var index: HashIndex
    @usableFromInline var slab: Slab<Key, Value>
    /// How many entries were stored so far; tells an entry from its successors under the same key.
    @usableFromInline var lastStamp = 0
    @usableFromInline var policy: EvictionPolicy
    @usableFromInline var statistics = MemoryCacheStatistics()
    // Reads under the spin lock, by one thread at a time while others read without it.
    @usableFromInline let lockedHits = Atomic<Int>(0)
    @usableFromInline let lockedMisses = Atomic<Int>(0)
    @usableFromInline var wheel: TimerWheel?
    /// The first tick in which an entry may expire.
    @usableFromInline var nextExpiry: UInt64 = .max
    /// How long an entry may stay unread, in nanoseconds; 0 for as long as it lives.
    @usableFromInline let idleTime: UInt64
    /// What the shard is expected to weigh when the cache is full; it may become heavier.
    @usableFromInline var share: Int
    /// Whether entries differ in weight, so that the policy's capacity is the room in the slab.
    @usableFromInline let weighs: Bool
    /// In memory of its own, since it is used with the spin lock held, while readers may be inside.
    @usableFromInline let outbox: UnsafeMutablePointer<Outbox<Key, Value>>

    /// Makes an empty shard.
    ///
    /// - Parameters:
    ///   - share: What the shard is expected to weigh when the cache is full.
    ///   - weighs: Whether entries differ in weight; else each weighs 1.
    ///   - idleTime: How long an entry may stay unread, in nanoseconds; 0 for as long as it lives.
    init(share: Int, weighs: Bool, idleTime: UInt64) {
        self.share = share
        self.weighs = weighs
        self.idleTime = idleTime
        outbox = .allocate(capacity: 1)
        outbox.initialize(to: Outbox())
        index = HashIndex(nodes: 8)
        slab = Slab(capacity: 8, weighs: weighs)
        policy = EvictionPolicy(capacity: weighs ? 8 : share)
    }

    @inlinable
    deinit {
        for node in 0..<slab.unusedFrom where slab.marks[node].load(ordering: .relaxed) != 0 {
            (slab.entries + node).deinitialize(count: 1)
        }
        outbox.deinitialize(count: 1)
        outbox.deallocate()
    }

    @inlinable var count: Int { statistics.entries }

    // MARK: Reading, by any number of threads

    /// The node of a key, or `none`.
    @inlinable
    @inline(__always)
    func find(_ key: Key, _ hash: UInt32) -> Node {
        index.find(hash) { slab.entries[Int($0)].key == key }
    }

    /// When the life of a node's entry ends.
    @inlinable
    @inline(__always)
    func deadline(_ node: Node) -> UInt64 {
        slab.deadlines.map { $0[Int(node)].load(ordering: .relaxed) } ?? Deadline.never
    }

    /// Whether an entry may be read; reads the clock only if entries have deadlines.
    @inlinable
    @inline(__always)
    func touch(_ node: Node, now: () -> UInt64) -> Bool {
        guard let deadlines = slab.deadlines else { return true }
        let now = now()
        guard deadlines[Int(node)].load(ordering: .relaxed) > now else { return false }
        keepAlive(node, deadlines + Int(node), now: now)
        return true
    }

    @inlinable
    @inline(__always)
    func weight(_ node: Node) -> Int { slab.weights.map { $0[Int(node)] } ?? 1 }
}
