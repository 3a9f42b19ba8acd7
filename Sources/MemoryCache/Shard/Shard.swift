/// One part of the table of a ``MemoryCache``, with the entries whose hashes fall into it.
///
/// A value type without locks, clocks or callbacks: its owner holds the lock, passes the time, and gets back
/// what left, to release and report it once the lock is free.
///
/// - An open-addressed index with linear probing and backward-shift deletion finds nodes in a slab.
/// - Nodes form a list from the newest to the oldest. Eviction follows SIEVE (Zhang et al., "SIEVE is Simpler
///   than LRU", NSDI 2024): a hit sets a bit; a hand walks from the oldest entry to the newest, clears bits, and
///   takes the first entry whose bit is not set.
@usableFromInline
struct Shard<Key: Hashable, Value> {
    @usableFromInline
    struct Node {
        @usableFromInline var key: Key?
        @usableFromInline var value: Value?
        @usableFromInline var deadline: UInt64 = 0
        @usableFromInline var weight = 0
        @usableFromInline var stamp: UInt64 = 0
        @usableFromInline var hash = 0
        @usableFromInline var newer = Shard.none
        @usableFromInline var older = Shard.none
        @usableFromInline var visited = false

        @inlinable
        init() {}
    }

    /// The link that points nowhere.
    @usableFromInline static var none: Int32 { -1 }

    @usableFromInline var index: ContiguousArray<Int32>
    @usableFromInline var nodes: ContiguousArray<Node> = []
    @usableFromInline var unused = Shard.none
    @usableFromInline var newest = Shard.none
    @usableFromInline var oldest = Shard.none
    @usableFromInline var hand = Shard.none
    @usableFromInline var lastStamp: UInt64 = 0
    @usableFromInline var statistics = MemoryCacheStatistics()

    @inlinable
    init() {
        index = ContiguousArray(repeating: Shard.none, count: 8)
    }

    @inlinable var count: Int { statistics.entries }

    // MARK: Index

    @inlinable
    @inline(__always)
    func position(_ hash: Int) -> Int { hash & (index.count &- 1) }

    /// The node of a key, or ``none``.
    @inlinable
    @inline(__always)
    func find(_ key: Key, _ hash: Int) -> Int32 {
        var position = position(hash)
        while true {
            let node = index[position]
            if node == Shard.none { return Shard.none }
            if nodes[Int(node)].hash == hash, nodes[Int(node)].key == key { return node }
            position = (position &+ 1) & (index.count &- 1)
        }
    }

    @inlinable
    mutating func link(_ node: Int32, _ hash: Int) {
        var position = position(hash)
        while index[position] != Shard.none { position = (position &+ 1) & (index.count &- 1) }
        index[position] = node
    }

    @inlinable
    mutating func unlink(_ node: Int32) {
        var hole = position(nodes[Int(node)].hash)
        while index[hole] != node { hole = (hole &+ 1) & (index.count &- 1) }
        var position = hole
        while true {
            position = (position &+ 1) & (index.count &- 1)
            let moved = index[position]
            if moved == Shard.none { break }
            let home = self.position(nodes[Int(moved)].hash)
            // Move an entry back only if its home does not lie between the hole and where it stands.
            if (position &- home) & (index.count &- 1) >= (position &- hole) & (index.count &- 1) {
                index[hole] = moved
                hole = position
            }
        }
        index[hole] = Shard.none
    }

    @inlinable
    mutating func growIndexIfNeeded() {
        guard (count &+ 1) &* 4 > index.count &* 3 else { return }
        index = ContiguousArray(repeating: Shard.none, count: index.count &* 2)
        var node = newest
        while node != Shard.none {
            link(node, nodes[Int(node)].hash)
            node = nodes[Int(node)].older
        }
    }
}
