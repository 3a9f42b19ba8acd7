import MemoryCache

import struct Foundation.Date

/// The clock of a ``CacheSystem``: time for lifetimes, and sleep for timeouts.
struct CacheClock: Sendable {
    let source: TimeSource
    let sleep: @Sendable (Duration) async throws -> Void

    /// The time on the wall, for lifetimes until a time of day and for nothing else.
    var wallTime: @Sendable () -> Date = { Date() }

    init(_ clock: (any Clock<Duration>)?) {
        source = TimeSource(clock)
        if let clock {
            sleep = Self.sleeper(clock)
        } else {
            sleep = Self.sleeper(ContinuousClock())
        }
    }

    private static func sleeper<C: Clock>(_ clock: C) -> @Sendable (Duration) async throws -> Void
    where C.Duration == Duration {
        { try await clock.sleep(until: clock.now.advanced(by: $0), tolerance: nil) }
    }

    var now: UInt64 { source.now }
}
