public import Synchronization

/// A bounded cache in process memory that any number of threads may use at once.
///
/// ```swift
/// let users = try MemoryCache<Int, User>(capacity: .entries(10_000))
/// users.setValue(user, forKey: user.id, timeToLive: .seconds(60))
/// let cached = users.value(forKey: 7)
/// ```
///
/// Entries are spread over shards by their hash, each with a lock of its own. When the cache is full, entries
/// leave by SIEVE (Zhang et al., NSDI 2024), expired ones first where they are met. Keys and values that leave
/// are released, and reported to the removal listener, on the thread whose call removed them, after all locks
/// are free.
///
/// - Complexity: Reads, writes and removals of one key are O(1) on average. A read neither allocates nor
///   suspends.
public final class MemoryCache<Key: Hashable & Sendable, Value: Sendable>: @unchecked Sendable {
    // Safe to share: `shards` is a constant pointer to constants that lock themselves; all else is constant or
    // atomic.

    /// Computes the weight of an entry; the result counts as at least 1, so that the number of entries is bounded too.
    public typealias Weigher = @Sendable (Key, Value) -> Int

    /// Is told of each entry that leaves, with the cause.
    public typealias RemovalListener = @Sendable (Key, Value, RemovalCause) -> Void

    /// How much the cache may hold.
    public let capacity: MemoryCapacity

    @usableFromInline let time: TimeSource
    @usableFromInline let weigher: Weigher?
    @usableFromInline let removalListener: RemovalListener?
    @usableFromInline let seed: Int
    @usableFromInline let shards: UnsafeMutablePointer<Locked<Shard<Key, Value>>>
    @usableFromInline let shardMask: Int
    @usableFromInline let totalWeight = Atomic<Int>(0)

    /// Makes an empty cache.
    ///
    /// - Parameters:
    ///   - capacity: How much the cache may hold, at least 1.
    ///   - clock: The clock of the entries' lifetimes; `nil` for the system's monotonic clock, read in steps of
    ///     a few milliseconds.
    ///   - weigher: The weight of an entry, for a capacity in weights; `nil` weighs each entry 1. It is called
    ///     once per write and must return the same weight for the same entry.
    ///   - removalListener: Is told of each entry that leaves; it may call the cache.
    /// - Throws: ``MemoryCacheError`` if the capacity is less than 1.
    public convenience init(
        capacity: MemoryCapacity,
        clock: (any Clock<Duration>)? = nil,
        weigher: Weigher? = nil,
        removalListener: RemovalListener? = nil
    ) throws(MemoryCacheError) {
        try self.init(
            capacity: capacity,
            time: TimeSource(clock),
            weigher: weigher,
            removalListener: removalListener
        )
    }

    /// Makes an empty cache on a time source that the caller reads too.
    package init(
        capacity: MemoryCapacity,
        time: TimeSource,
        weigher: Weigher? = nil,
        removalListener: RemovalListener? = nil
    ) throws(MemoryCacheError) {
        guard capacity.limit >= 1 else {
            throw MemoryCacheError(
                code: .invalidCapacity,
                message: "A capacity of \(capacity.limit) holds nothing; give at least 1, or leave the cache out."
            )
        }
        self.capacity = capacity
        self.time = time
        self.weigher = capacity.unit == .weight ? weigher : nil
        self.removalListener = removalListener
        self.seed = Int.random(in: .min ... .max)
        let count = Self.shardCount(for: capacity)
        self.shardMask = count - 1
        self.shards = .allocate(capacity: count)
        for shard in 0..<count { (shards + shard).initialize(to: Locked(Shard())) }
    }

    deinit {
        shards.deinitialize(count: shardMask + 1)
        shards.deallocate()
    }

    /// A shard for each 512 entries, up to 64: small caches evict exactly, large ones spread their locks.
    private static func shardCount(for capacity: MemoryCapacity) -> Int {
        var count = 1
        while count < 64, count * 1024 <= capacity.limit { count *= 2 }
        return count
    }

    @inlinable
    @inline(__always)
    func hash(_ key: Key) -> Int { key._rawHashValue(seed: seed) }

    // The table of a shard uses the low bits of the hash.
    @inlinable
    @inline(__always)
    func shard(_ hash: Int) -> Int { Int(truncatingIfNeeded: UInt(bitPattern: hash) &>> 48) & shardMask }

    /// Reads a value.
    ///
    /// - Parameter key: The key of the entry.
    /// - Returns: The value, or `nil` if there is no live entry.
    /// - Complexity: O(1) on average.
    @inlinable
    public func value(forKey key: Key) -> Value? {
        value(forKey: key, now: time.now)
    }

    /// Reads a value at a time that the caller has read already.
    @inlinable
    package func value(forKey key: Key, now: UInt64) -> Value? {
        let hash = hash(key)
        var removals = Removals<Key, Value>()
        let value = shards[shard(hash)].withLock { $0.read(key, hash, now: now, removals: &removals) }
        if let expired = removals.first {
            totalWeight.wrappingSubtract(expired.weight, ordering: .relaxed)
            report(removals)
        }
        return value
    }

    /// Reads an entry with its deadline, whether its life is over or not, without counting or marking it.
    package func peek(forKey key: Key) -> (value: Value, deadline: UInt64)? {
        let hash = hash(key)
        return shards[shard(hash)].withLock { $0.peek(key, hash) }
    }

    /// Stores a value, replacing what the key held.
    ///
    /// - Parameters:
    ///   - value: The value to store.
    ///   - key: The key of the entry.
    ///   - timeToLive: How long the entry may be read, or `nil` for as long as there is room. An entry whose
    ///     life is zero or negative is not stored.
    /// - Returns: Whether the value was stored; if not, because it is heavier than the capacity or its life is
    ///   over, the key holds nothing.
    /// - Complexity: O(1) on average, and O(entries that must leave).
    @inlinable
    @discardableResult
    public func setValue(_ value: Value, forKey key: Key, timeToLive: Duration? = nil) -> Bool {
        let now = time.now
        let deadline = timeToLive.map { Deadline.after(max($0, .zero), from: now) } ?? Deadline.never
        return setValue(value, forKey: key, deadline: deadline, now: now)
    }

    /// Stores a value that lives until a deadline of the cache's time source.
    @inlinable
    @discardableResult
    package func setValue(_ value: Value, forKey key: Key, deadline: UInt64, now: UInt64) -> Bool {
        let weight = weigher.map { max(1, $0(key, value)) } ?? 1
        let hash = hash(key)
        let home = shard(hash)
        var removals = Removals<Key, Value>()
        guard weight <= capacity.limit, deadline > now else {
            remove(key, hash, cause: .replaced, now: now, removals: &removals)
            report(removals)
            return false
        }
        let excess = shards[home]
            .withLock { shard in
                let growth = shard.store(
                    value,
                    key,
                    hash,
                    weight: weight,
                    deadline: deadline,
                    now: now,
                    removals: &removals
                )
                var excess = totalWeight.wrappingAdd(growth, ordering: .relaxed).newValue &- capacity.limit
                if excess > 0 {
                    let stored = shard.find(key, hash)
                    while excess > 0, let freed = shard.evict(sparing: stored, now: now, removals: &removals) {
                        excess = totalWeight.wrappingSubtract(freed, ordering: .relaxed).newValue &- capacity.limit
                    }
                }
                return excess
            }
        if excess > 0 { makeRoom(startingAfter: home, now: now, removals: &removals) }
        report(removals)
        return true
    }

    /// Evicts from the other shards, and from the one that was written to last, until the weight is in bounds.
    @usableFromInline
    func makeRoom(startingAfter home: Int, now: UInt64, removals: inout Removals<Key, Value>) {
        for step in 1...(shardMask + 1) {
            let done = shards[(home + step) & shardMask]
                .withLock { shard in
                    while totalWeight.load(ordering: .relaxed) > capacity.limit {
                        guard let freed = shard.evict(sparing: Shard<Key, Value>.none, now: now, removals: &removals)
                        else { return false }
                        totalWeight.wrappingSubtract(freed, ordering: .relaxed)
                    }
                    return true
                }
            if done { return }
        }
    }

    /// Removes an entry.
    ///
    /// - Parameter key: The key of the entry.
    /// - Returns: The value that was removed, or `nil` if there was no live entry.
    /// - Complexity: O(1) on average.
    @inlinable
    @discardableResult
    public func removeValue(forKey key: Key) -> Value? {
        let now = time.now
        var removals = Removals<Key, Value>()
        let hash = hash(key)
        remove(key, hash, cause: .removed, now: now, removals: &removals)
        report(removals)
        guard let removal = removals.first, removal.cause != .expired else { return nil }
        return removal.value
    }

    @inlinable
    func remove(
        _ key: Key,
        _ hash: Int,
        cause: RemovalCause,
        now: UInt64,
        removals: inout Removals<Key, Value>
    ) {
        shards[shard(hash)]
            .withLock { shard in
                let node = shard.find(key, hash)
                guard node != Shard<Key, Value>.none else { return }
                let cause = shard.nodes[Int(node)].deadline <= now ? .expired : cause
                let freed = shard.remove(node, cause: cause, removals: &removals)
                totalWeight.wrappingSubtract(freed, ordering: .relaxed)
            }
    }

    @inlinable
    func report(_ removals: Removals<Key, Value>) {
        guard let removalListener else { return }
        removals.report { removalListener($0.key, $0.value, $0.cause) }
    }
}
