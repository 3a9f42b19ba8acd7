import MemoryCache

extension CacheSystem {
    /// Says who is told of each duration that is measured, in the task in which that was.
    package func onMeasurement(_ listener: @escaping @Sendable (String, LatencyPhase, Duration) -> Void) {
        measurements.withLock { $0 = listener }
    }

    /// The time on the clock of the system, since some fixed moment.
    package var elapsed: Duration { .nanoseconds(Int64(clamping: clock.now)) }

    /// Sleeps on the clock of the system.
    package func sleep(for duration: Duration) async throws { try await clock.sleep(duration) }
}
