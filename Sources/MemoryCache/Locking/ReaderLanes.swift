public import Synchronization

/// Where the threads announce that they read, each in a cache line of its own.
///
/// A lane belongs to the thread with its number, which alone writes to it; others only look. Threads beyond the
/// last lane read under the lock of the shard.
@usableFromInline
struct ReaderLanes: ~Copyable {
    @usableFromInline
    struct Lane: ~Copyable {
        /// How often the owner began and ended to read, together; odd while it reads.
        @usableFromInline let turns = Atomic<UInt>(0)
        @usableFromInline let hits = Atomic<Int>(0)
        @usableFromInline let misses = Atomic<Int>(0)

        @usableFromInline
        init() {}

        @inlinable
        deinit {}

        /// Announces a reader, unless it is inside already.
        ///
        /// - Returns: What to pass to `leave`, or `nil` where a key's `==` or the body of a borrowing read came back
        ///   to a cache.
        @inlinable
        @inline(__always)
        static func enter(_ lane: UnsafeMutablePointer<Lane>) -> UInt? {
            let turns = lane.pointee.turns.load(ordering: .relaxed)
            guard turns & 1 == 0 else { return nil }
            _ = lane.pointee.turns.exchange(turns &+ 1, ordering: .sequentiallyConsistent)
            return turns
        }

        /// Ends what `enter` began.
        @inlinable
        @inline(__always)
        static func leave(_ lane: UnsafeMutablePointer<Lane>, _ turns: UInt) {
            lane.pointee.turns.store(turns &+ 2, ordering: .releasing)
        }

        /// Counts, without a locked instruction: only the lane's owner writes.
        @inlinable
        @inline(__always)
        static func increment(_ counter: borrowing Atomic<Int>) {
            counter.store(counter.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
        }
    }

    // Two lines of 64 bytes, since processors fetch them in pairs.
    @inlinable static var stride: Int { 128 }

    @usableFromInline let memory: UnsafeMutableRawPointer
    @usableFromInline let count: Int

    /// Makes lanes for the threads of a machine with a number of processors.
    @usableFromInline
    init(processors: Int) {
        // Twice the pool of Swift's tasks, and a few for the threads of the program.
        count = min(128, 2 * processors + 6)
        memory = .allocate(byteCount: count * Self.stride, alignment: Self.stride)
        for number in 0..<count {
            (memory + number * Self.stride).bindMemory(to: Lane.self, capacity: 1).initialize(to: Lane())
        }
    }

    @inlinable
    deinit { memory.deallocate() }

    /// The lane of the thread with a number from 1 to `count`.
    @inlinable
    @inline(__always)
    subscript(number: Int) -> UnsafeMutablePointer<Lane> {
        (memory + (number &- 1) &* Self.stride).assumingMemoryBound(to: Lane.self)
    }
}
