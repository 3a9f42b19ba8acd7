import MemoryCache

package import struct Foundation.Date

extension CacheSystem {
    /// Says who is told of each duration that is measured, in the task in which that was.
    package func onMeasurement(_ listener: @escaping @Sendable (String, LatencyPhase, Duration) -> Void) {
        measurements.withLock { $0 = Callback { listener($0.0, $0.1, $0.2) } }
    }

    /// The time on the clock of the system, since some fixed moment.
    package var elapsed: Duration { .nanoseconds(Int64(clamping: clock.now)) }

    /// The time on the wall.
    package var wallTime: Date { clock.wallTime() }

    /// Sleeps on the clock of the system.
    package func sleep(for duration: Duration) async throws { try await clock.sleep(duration) }

    /// All that monitoring tells of the namespaces, by their names.
    ///
    /// - Parameters:
    ///   - window: What counts and latencies are of.
    ///   - hotKeys: How many of the hottest keys of each namespace are told.
    /// - Returns: What each namespace did in the window, and how it is now.
    /// - Complexity: O(namespaces).
    package func readings(over window: StatisticsWindow, hotKeys: Int) -> [NamespaceReading] {
        openedCaches.map { $0.reading(over: window, hotKeys: hotKeys, in: self) }.sorted { $0.name < $1.name }
    }

    /// What the settings of a namespace do in this system that their author may not have meant.
    func findings<Key, Value>(of namespace: CacheNamespace<Key, Value>) -> [ConfigurationFinding] {
        let policy = namespace.policy
        return namespace.findings
            + ConfigurationFinding.found([
                (
                    gate != nil && policy.grace > .zero && configuration.storeTimeout > policy.softTimeout,
                    ["storeTimeout", "softTimeout"],
                    "a slow store uses up all the time that callers with a stale copy have; make storeTimeout shorter."
                )
            ])
    }
}
