/// The shards of a cache, each with its lock in front, in cache lines of their own.
///
/// Safe to share: the pointers never change, a lock is made of atomics, and a shard is only touched under the
/// rules of its lock.
@usableFromInline
struct ShardTable<Key: Hashable, Value>: ~Copyable {
    @usableFromInline let memory: UnsafeMutableRawPointer
    @usableFromInline let stride: Int
    @usableFromInline let count: Int

    @usableFromInline
    init(count: Int, makeShard: () -> Shard<Key, Value>) {
        // Two lines of 64 bytes, since processors fetch them in pairs.
        let line = 128
        let offset = Self.shardOffset
        stride = (offset + MemoryLayout<Shard<Key, Value>>.size + line - 1) / line * line
        self.count = count
        memory = .allocate(byteCount: count * stride, alignment: line)
        for number in 0..<count {
            (memory + number * stride).bindMemory(to: ShardLock.self, capacity: 1).initialize(to: ShardLock())
            (memory + number * stride + offset).bindMemory(to: Shard<Key, Value>.self, capacity: 1)
                .initialize(to: makeShard())
        }
    }

    deinit {
        for number in 0..<count { shard(number).deinitialize(count: 1) }
        memory.deallocate()
    }

    // What a hit needs of a shard follows its lock in the same line.
    @inlinable static var shardOffset: Int { 16 }

    @inlinable
    @inline(__always)
    func lock(_ number: Int) -> UnsafeMutablePointer<ShardLock> {
        (memory + number &* stride).assumingMemoryBound(to: ShardLock.self)
    }

    @inlinable
    @inline(__always)
    func shard(_ number: Int) -> UnsafeMutablePointer<Shard<Key, Value>> {
        (memory + (number &* stride &+ Self.shardOffset)).assumingMemoryBound(to: Shard<Key, Value>.self)
    }

    /// The number of the shard of a hash, from its high half; the shard uses the low half.
    @inlinable
    @inline(__always)
    func number(_ hash: UInt64) -> Int {
        Int(truncatingIfNeeded: ((hash &>> 32) &* UInt64(truncatingIfNeeded: count)) &>> 32)
    }
}
