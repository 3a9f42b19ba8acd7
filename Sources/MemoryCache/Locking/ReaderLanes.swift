public import Synchronization

/// Where the threads announce which shard they read, each in a cache line of its own.
///
/// A lane belongs to the thread with its number, which alone writes to it; others only look. Threads beyond the
/// last lane read under the lock of the shard.
@usableFromInline
struct ReaderLanes: ~Copyable {
    @usableFromInline
    struct Lane: ~Copyable {
        /// The number of the shard that is being read, plus one; zero if none is.
        @usableFromInline let reading = Atomic<Int>(0)
        @usableFromInline let hits = Atomic<Int>(0)
        @usableFromInline let misses = Atomic<Int>(0)

        @usableFromInline
        init() {}

        @inlinable
        deinit {}

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
