public import CMemoryCache
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Numbers the threads that read, from 1 on; a thread that ends gives its number to the next.
@usableFromInline
final class ThreadNumbers: Sendable {
    /// Those of this process.
    @usableFromInline static let shared = ThreadNumbers()

    /// One more than the highest number that any thread has had; it never falls.
    let end = Atomic<Int>(1)
    /// Whether a thread can have all others pass a memory barrier.
    let hasBarrier = larder_has_barrier()
    /// Whether the system took the barrier back, as a sandbox that was entered later does.
    let lostBarrier = Atomic<Bool>(false)
    private let key: pthread_key_t
    private let free = Locked<[Int]>([])

    private init() {
        var key = pthread_key_t()
        // The number is the value of the key itself, so there is nothing to free, and no number is zero, for
        // which the system would not call this.
        pthread_key_create(&key) { pointer in
            let number = Int(bitPattern: pointer)
            larder_set_thread_number(0)
            ThreadNumbers.shared.free.withLock { $0.append(number) }
        }
        self.key = key
    }

    /// The number of the calling thread.
    @inlinable
    @inline(__always)
    static var current: Int {
        let number = larder_thread_number()
        return number != 0 ? number : shared.register()
    }

    @usableFromInline
    @inline(never)
    func register() -> Int {
        let number =
            free.withLock { $0.popLast() }
            // Sequentially consistent: see `ShardLock.revoke`.
            ?? end.wrappingAdd(1, ordering: .sequentiallyConsistent).oldValue
        // For its destructor, and for the readers.
        pthread_setspecific(key, UnsafeRawPointer(bitPattern: number))
        larder_set_thread_number(number)
        return number
    }
}

extension ThreadNumbers {
    /// Has all threads pass a memory barrier, if they do not pass one on each read.
    func passBarrier() {
        guard hasBarrier, !larder_barrier() else { return }
        lostBarrier.store(true, ordering: .relaxed)
        // What a thread has stored is seen by others after some nanoseconds without any barrier; this is on the safe
        // side, and happens once to each lock, since none leans again.
        var pause = timespec(tv_sec: 0, tv_nsec: 1_000_000)
        nanosleep(&pause, nil)
    }

    /// How many processors the machine has.
    static var processors: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
}
