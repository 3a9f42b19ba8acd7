public import CMemoryCache
public import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The lock of a shard: readers pass it without writing to shared memory while nobody writes.
///
/// A spin lock that leans to readers, after Dice and Kogan, "BRAVO: Biased Locking for Reader-Writer Locks"
/// (USENIX ATC 2019). While the lock leans, a reader announces itself in its own lane, sees that the lock still
/// leans, and reads. A writer takes the spin lock, ends the leaning, and waits for the readers whose announcements
/// it finds. Readers that find the lock upright take the spin lock too; after enough of them in a row without a
/// writer it leans again. So a shard that is mostly read scales with the threads, one that is mostly written
/// costs what a spin lock costs, and a writer is alone in both.
///
/// An announcement does not say which shard is read, so that it need not wait for the hash of the key. A writer may
/// thus wait for a reader of another shard, for as long as that one reads.
///
/// Why a reader and a writer never meet: the reader stores its announcement and then loads `leaning`, the writer
/// stores `leaning` and then loads the announcements. Between its two steps the writer has all threads pass a memory
/// barrier (on Linux; elsewhere each reader passes one between its own steps). A reader that passed it after its
/// announcement is seen by the writer, and one that passed it before sees that the lock stands upright. The reader's
/// release of its lane and the writer's acquiring look at it order what the reader read before what the writer
/// writes; the release store of `leaning` and the reader's load of it order the other way.
@usableFromInline
struct ShardLock: ~Copyable {
    /// 1 while readers may pass with an announcement alone.
    @usableFromInline let leaning = Atomic<UInt32>(0)
    /// 1 while a thread holds the spin lock.
    @usableFromInline let held = Atomic<UInt32>(0)
    /// How many readers have taken the spin lock since the last writer; touched with the lock held.
    @usableFromInline let quietReads = Atomic<UInt32>(0)

    @usableFromInline
    init() {}

    @inlinable
    deinit {}

    /// After how many quiet reads the lock leans again: ending that costs a writer a microsecond or two, as much as
    /// the locks of some hundred reads.
    @inlinable static var patience: UInt32 { 256 }

    /// Whether a reader that has announced itself may pass, or has to take the spin lock.
    @inlinable
    @inline(__always)
    static func letsPass(_ lock: UnsafeMutablePointer<ShardLock>) -> Bool {
        lock.pointee.leaning.load(ordering: .sequentiallyConsistent) == 1
    }

    /// Takes the spin lock, which keeps all out but readers that pass by announcement.
    @inlinable
    @inline(__always)
    static func lock(_ lock: UnsafeMutablePointer<ShardLock>) {
        if lock.pointee.held.compareExchange(expected: 0, desired: 1, ordering: .acquiring).exchanged { return }
        wait(for: lock)
    }

    @inlinable
    @inline(__always)
    static func unlock(_ lock: UnsafeMutablePointer<ShardLock>) {
        // As in `ReaderLanes.Lane.leave`: what was copied under the lock is to be retained under it.
        larder_compiler_barrier()
        lock.pointee.held.store(0, ordering: .releasing)
    }

    /// Counts a reader that holds the spin lock, and lets the lock lean when there were enough.
    @inlinable
    @inline(__always)
    static func countQuietRead(_ lock: UnsafeMutablePointer<ShardLock>) {
        let reads = lock.pointee.quietReads.load(ordering: .relaxed) &+ 1
        lock.pointee.quietReads.store(reads, ordering: .relaxed)
        guard reads >= patience, lock.pointee.leaning.load(ordering: .relaxed) == 0 else { return }
        lean(lock)
    }

    @usableFromInline
    @inline(never)
    static func lean(_ lock: UnsafeMutablePointer<ShardLock>) {
        guard !ThreadNumbers.shared.lostBarrier.load(ordering: .relaxed) else { return }
        lock.pointee.leaning.store(1, ordering: .releasing)
    }

    /// Ends the leaning, by a writer that holds the spin lock; no reader is inside when this returns.
    @inlinable
    @inline(__always)
    static func standUpright(_ lock: UnsafeMutablePointer<ShardLock>, _ lanes: borrowing ReaderLanes) {
        lock.pointee.quietReads.store(0, ordering: .relaxed)
        if lock.pointee.leaning.load(ordering: .relaxed) == 1 { revoke(lock, lanes) }
    }

    @usableFromInline
    @inline(never)
    static func revoke(_ lock: UnsafeMutablePointer<ShardLock>, _ lanes: borrowing ReaderLanes) {
        lock.pointee.leaning.store(0, ordering: .sequentiallyConsistent)
        ThreadNumbers.shared.passBarrier()
        // A thread whose number this load misses announces itself later, and finds the lock upright.
        let end = min(lanes.count + 1, ThreadNumbers.shared.end.load(ordering: .sequentiallyConsistent))
        for number in 1..<max(1, end) {
            let seen = lanes[number].pointee.turns.load(ordering: .sequentiallyConsistent)
            guard seen & 1 == 1 else { continue }
            var patience = Patience()
            // Whatever that reader does next, it will find the lock upright.
            while lanes[number].pointee.turns.load(ordering: .acquiring) == seen { patience.wait() }
        }
    }

    @usableFromInline
    @inline(never)
    static func wait(for lock: UnsafeMutablePointer<ShardLock>) {
        var patience = Patience()
        while true {
            // Look before trying: trying takes the cache line away from the thread that is about to release it.
            if lock.pointee.held.load(ordering: .relaxed) == 0,
                lock.pointee.held.compareExchange(expected: 0, desired: 1, ordering: .acquiring).exchanged
            {
                return
            }
            patience.wait()
        }
    }
}

/// How a thread waits for another that holds something for some nanoseconds, or was preempted while it did.
@usableFromInline
struct Patience {
    private var rounds = 0

    init() {}

    /// Waits a little; longer each time, and after a few times asleep, so that the other gets a processor even if
    /// it has a lower priority.
    mutating func wait() {
        rounds += 1
        if rounds <= 64 { return }
        if rounds <= 96 {
            sched_yield()
            return
        }
        var pause = timespec(tv_sec: 0, tv_nsec: min(1_000_000, 20_000 * (rounds - 96)))
        nanosleep(&pause, nil)
    }
}
