import MemoryCache

import struct Foundation.Date

/// The clock of a ``CacheSystem``: time for lifetimes, and sleep for timeouts.
struct CacheClock: Sendable {
    let source: TimeSource
    let sleep: @Sendable (Duration) async throws -> Void

    /// The time on the wall, for lifetimes until a time of day, and for people who look at an entry.
    var wallTime: @Sendable () -> Date = { Date() }

    /// The time on the wall in milliseconds since 1970.
    var wallMilliseconds: UInt64 { UInt64(max(0, wallTime().timeIntervalSince1970 * 1_000)) }

    /// Sleeps until a moment of the source.
    ///
    /// On an injected clock not for what is left until then: a clock that is moved by leaps may move before such a
    /// sleep begins, which would then end too late.
    let sleepUntil: @Sendable (UInt64) async throws -> Void

    /// A sleep that is over so long after now, however late it is begun.
    func alarm(after duration: Duration) -> @Sendable () async throws -> Void {
        let deadline = Deadline.after(duration, from: now)
        return { [sleepUntil] in try await sleepUntil(deadline) }
    }

    init(_ clock: (any Clock<Duration>)?) {
        source = TimeSource(clock)
        if let clock {
            sleep = Self.sleeper(clock)
            sleepUntil = Self.sleeperUntil(clock, source)
        } else {
            let sleep = Self.sleeper(ContinuousClock())
            self.sleep = sleep
            sleepUntil = { [source] in try await sleep(Deadline.duration(until: $0, from: source.now)) }
        }
    }

    private static func sleeper<C: Clock>(_ clock: C) -> @Sendable (Duration) async throws -> Void
    where C.Duration == Duration {
        { try await clock.sleep(until: clock.now.advanced(by: $0), tolerance: nil) }
    }

    private static func sleeperUntil<C: Clock>(
        _ clock: C,
        _ source: TimeSource
    ) -> @Sendable (UInt64) async throws -> Void where C.Duration == Duration {
        let start = clock.now
        let startOfSource = source.now
        return { moment in
            let wait = Deadline.duration(until: moment, from: startOfSource)
            try await clock.sleep(until: start.advanced(by: wait), tolerance: nil)
        }
    }

    var now: UInt64 { source.now }
}
