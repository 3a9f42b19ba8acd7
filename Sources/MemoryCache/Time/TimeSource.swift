#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Nanoseconds since an arbitrary start, from the system's coarse monotonic clock or from an injected one.
///
/// The coarse clock costs 4 ns where the exact one costs 23; it moves in steps of 1 to 4 ms, which is fine
/// for lifetimes.
@usableFromInline
package struct TimeSource: Sendable {
    @usableFromInline
    let injected: (@Sendable () -> UInt64)?

    /// Makes a source on the system's clock, or on the given one.
    package init(_ clock: (any Clock<Duration>)? = nil) {
        self.injected = clock.map { Self.reader(of: $0) }
    }

    private static func reader<C: Clock>(of clock: C) -> @Sendable () -> UInt64 where C.Duration == Duration {
        let start = clock.now
        // The start is one second in, so that a clock set back a little still reads above zero.
        return { UInt64(clamping: (.seconds(1) + start.duration(to: clock.now)).wholeNanoseconds) }
    }

    /// The time now.
    @inlinable
    @inline(__always)
    package var now: UInt64 {
        if let injected { return injected() }
        return Self.coarseNow()
    }

    /// The time now, to the nanosecond where the system's clock is used: for durations of microseconds.
    package var exactNow: UInt64 {
        if let injected { return injected() }
        #if canImport(Darwin)
        return clock_gettime_nsec_np(CLOCK_MONOTONIC_RAW)
        #else
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
        #endif
    }

    // Out of line: an inlined `timespec` would add a stack protector to each caller.
    @usableFromInline
    @inline(never)
    static func coarseNow() -> UInt64 {
        #if canImport(Darwin)
        return clock_gettime_nsec_np(CLOCK_MONOTONIC_RAW_APPROX)
        #else
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
        #endif
    }
}
