public import Synchronization

#if canImport(Glibc)
public import Glibc
#elseif canImport(Musl)
public import Musl
#else
public import Darwin
#endif

/// Numbers the threads that read, from 1 on; a thread that ends gives its number to the next.
@usableFromInline
final class ThreadNumbers: Sendable {
    /// Those of this process.
    @usableFromInline static let shared = ThreadNumbers()

    @usableFromInline let key: pthread_key_t
    /// One more than the highest number that any thread has had; it never falls.
    @usableFromInline let end = Atomic<Int>(1)
    private let free = Locked<[Int]>([])

    private init() {
        var key = pthread_key_t()
        // The number is the value of the key itself, so there is nothing to free, and no number is zero, for
        // which the system would not call this.
        pthread_key_create(&key) { pointer in
            let number = Int(bitPattern: pointer)
            ThreadNumbers.shared.free.withLock { $0.append(number) }
        }
        self.key = key
    }

    /// The number of the calling thread.
    ///
    /// `key` is that of the shared instance; asking that for it each time would cost a nanosecond.
    @inlinable
    @inline(__always)
    static func current(_ key: pthread_key_t) -> Int {
        let number = Int(bitPattern: pthread_getspecific(key))
        return number != 0 ? number : shared.register()
    }

    @usableFromInline
    @inline(never)
    func register() -> Int {
        let number =
            free.withLock { $0.popLast() }
            // Sequentially consistent: see `ShardLock.revoke`.
            ?? end.wrappingAdd(1, ordering: .sequentiallyConsistent).oldValue
        pthread_setspecific(key, UnsafeRawPointer(bitPattern: number))
        return number
    }
}

extension ThreadNumbers {
    /// How many processors the machine has.
    static var processors: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
}
