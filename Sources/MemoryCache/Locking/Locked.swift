#if canImport(Glibc)
public import Glibc
#elseif canImport(Musl)
public import Musl
#else
public import Darwin
#endif

/// A value that one thread at a time may touch.
///
/// A plain POSIX mutex, where the standard library's `Mutex` would do the same: on Linux that one hands a
/// contended lock over in strict order, a system call each time, and ThreadSanitizer does not understand it.
@usableFromInline
package struct Locked<State>: ~Copyable, @unchecked Sendable {
    // Safe to share: `state` is only reached while `mutex` is held, and neither pointer ever changes.
    @usableFromInline
    let mutex: UnsafeMutablePointer<pthread_mutex_t>
    @usableFromInline
    let state: UnsafeMutablePointer<State>

    @inlinable
    package init(_ initial: consuming sending State) {
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
        state = .allocate(capacity: 1)
        state.initialize(to: initial)
    }

    @inlinable
    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
        state.deinitialize(count: 1)
        state.deallocate()
    }

    /// Runs `body` with the state, alone.
    ///
    /// `body` must not call code that may come back to this lock: it is not recursive.
    @inlinable
    @inline(__always)
    package func withLock<Result, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&state.pointee)
    }
}
