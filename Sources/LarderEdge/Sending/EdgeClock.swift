import Foundation

/// The clocks of the edge: one for waits, one for what survives a restart.
struct EdgeClock: Sendable {
    /// The time since any moment.
    let uptime: @Sendable () -> Duration
    let sleep: @Sendable (Duration) async throws -> Void
    /// Milliseconds since 1970 in UTC.
    let wallTime: @Sendable () -> Int64

    init(_ clock: any Clock<Duration>, wallTime: @escaping @Sendable () -> Int64) {
        (uptime, sleep) = Self.parts(of: clock)
        self.wallTime = wallTime
    }

    private static func parts<C: Clock>(
        of clock: C
    ) -> (@Sendable () -> Duration, @Sendable (Duration) async throws -> Void) where C.Duration == Duration {
        let start = clock.now
        return (
            { start.duration(to: clock.now) },
            { try await clock.sleep(until: clock.now.advanced(by: $0), tolerance: nil) }
        )
    }

    static let systemWallTime: @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970 * 1_000) }
}
