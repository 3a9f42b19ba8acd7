public import CMemoryCache
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
        @usableFromInline let turns = Atomic<Int>(0)
        /// How many of the reads were misses, or went on under the lock of the shard.
        @usableFromInline let others = Atomic<Int>(0)
        @usableFromInline let misses = Atomic<Int>(0)

        @usableFromInline
        init() {}

        @inlinable
        deinit {}

        /// Announces a reader, unless it is inside already.
        ///
        /// With a fence the announcement is visible when this returns, for systems on which a writer cannot see to that;
        /// it costs more than all else in a hit.
        ///
        /// - Returns: What to pass to `leave`, or `nil` where a key's `==` or the body of a borrowing read came back
        ///   to a cache.
        @inlinable
        @inline(__always)
        static func enter(_ lane: UnsafeMutablePointer<Lane>, isFenced: Bool) -> Int? {
            let turns = lane.pointee.turns.load(ordering: .relaxed)
            guard turns & 1 == 0 else { return nil }
            if isFenced {
                _ = lane.pointee.turns.exchange(turns &+ 1, ordering: .sequentiallyConsistent)
            } else {
                lane.pointee.turns.store(turns &+ 1, ordering: .relaxed)
                larder_compiler_barrier()
            }
            return turns
        }

        /// Ends what `enter` began.
        @inlinable
        @inline(__always)
        static func leave(_ lane: UnsafeMutablePointer<Lane>, _ turns: Int) {
            // Without it the compiler retains the value that was read only after the store, when a writer may have
            // released it: to Swift's optimiser an atomic store is none that could.
            larder_compiler_barrier()
            lane.pointee.turns.store(turns &+ 2, ordering: .releasing)
        }

        /// Ends what `enter` began, of a read that did not hit, or has not yet.
        @inlinable
        @inline(__always)
        static func leaveWithoutHit(_ lane: UnsafeMutablePointer<Lane>, _ turns: Int) {
            increment(lane.pointee.others)
            leave(lane, turns)
        }

        /// How many reads hit here; a hit costs no counting but that of turns.
        var hits: Int { max(0, turns.load(ordering: .relaxed) / 2 - others.load(ordering: .relaxed)) }

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
    /// Whether readers have to make their announcements visible themselves.
    @usableFromInline let areFenced: Bool

    /// Makes lanes for the threads of a machine with a number of processors.
    @usableFromInline
    init(processors: Int, areFenced: Bool) {
        self.areFenced = areFenced || !ThreadNumbers.shared.hasBarrier
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
