extension Duration {
    /// The duration in nanoseconds, rounded down, at most what 64 bits hold (292 years).
    @inlinable
    package var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, overflowed) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
        return overflowed ? (seconds < 0 ? .min : .max) : sum
    }
}

/// Points in time of a ``TimeSource``.
@usableFromInline
package enum Deadline {
    /// The deadline that never comes.
    @inlinable package static var never: UInt64 { .max }

    /// The moment a duration after another, or ``never`` where 64 bits end.
    @inlinable
    package static func after(_ duration: Duration, from now: UInt64) -> UInt64 {
        let (sum, overflow) = now.addingReportingOverflow(UInt64(clamping: duration.wholeNanoseconds))
        return overflow ? never : sum
    }

    /// The moment a number of nanoseconds after another, or ``never`` where 64 bits end.
    @inlinable
    static func after(_ nanoseconds: UInt64, from now: UInt64) -> UInt64 {
        let (sum, overflow) = now.addingReportingOverflow(nanoseconds)
        return overflow ? never : sum
    }

    /// How long until a deadline; zero once it has passed.
    @inlinable
    package static func duration(until deadline: UInt64, from now: UInt64) -> Duration {
        deadline > now ? .nanoseconds(Int64(clamping: deadline - now)) : .zero
    }
}
