import MemoryCache
import Synchronization

/// What is measured of one namespace beside its counters.
final class NamespaceMonitor: Sendable {
    private struct Latencies {
        var store = LatencyWindows()
        var origin = LatencyWindows()
        var staleAge = LatencyWindows()

        subscript(phase: LatencyPhase) -> LatencyWindows {
            get {
                switch phase {
                case .store: store
                case .origin: origin
                case .staleAge: staleAge
                }
            }
            _modify {
                switch phase {
                case .store: yield &store
                case .origin: yield &origin
                case .staleAge: yield &staleAge
                }
            }
        }
    }

    /// Why keys are not in memory any more.
    let departures: DepartureTable

    /// Why entries leave the memory while many of them are removed at once, by its place among the reasons; -1 for the
    /// reason that each of them has.
    private let commonReason = Atomic(-1)

    /// Is told of each duration.
    private let listener: @Sendable (LatencyPhase, Duration) -> Void

    private let latencies = Locked(Latencies())
    private let history: Locked<StatisticsHistory>
    private let clock: CacheClock

    init(
        _ capacity: MemoryCapacity,
        clock: CacheClock,
        listener: @escaping @Sendable (LatencyPhase, Duration) -> Void
    ) {
        self.clock = clock
        self.listener = listener
        departures = DepartureTable(places: capacity.unit == .entries ? capacity.limit : 16_384)
        var history = StatisticsHistory()
        history.note(CacheStatistics(), at: Self.time(clock.now))
        self.history = Locked(history)
    }

    private static func time(_ now: UInt64) -> Duration { .nanoseconds(Int64(clamping: now)) }

    /// Notes why an entry left the memory.
    func noteDeparture(_ key: some Hashable, _ cause: RemovalCause) {
        guard let reason = MissReason(cause) else { return }
        let common = commonReason.load(ordering: .relaxed)
        departures[key] = reason == .removed && common >= 0 ? MissReason.allCases[common] : reason
    }

    /// Runs something that removes many entries for one reason.
    func noting(_ reason: MissReason, while body: () -> Void) {
        commonReason.store(MissReason.allCases.firstIndex(of: reason) ?? -1, ordering: .relaxed)
        body()
        commonReason.store(-1, ordering: .relaxed)
    }

    func record(_ phase: LatencyPhase, _ duration: Duration) {
        let now = Self.time(clock.now)
        latencies.withLock { $0[phase].record(duration, at: now) }
        listener(phase, duration)
    }

    /// Runs something, and records how long it took, whether it went well or not.
    func measure<Result>(
        _ phase: LatencyPhase,
        isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Result
    ) async rethrows -> Result {
        let start = clock.source.exactNow
        defer { record(phase, Deadline.duration(until: clock.source.exactNow, from: start)) }
        return try await body()
    }

    func histogram(_ phase: LatencyPhase, _ window: StatisticsWindow) -> LatencyHistogram {
        let now = Self.time(clock.now)
        return latencies.withLock { $0[phase].histogram(window, at: now) }
    }

    /// What took how long in each step of a window, by the number of the step.
    func latencySteps(_ phase: LatencyPhase, _ window: StatisticsWindow) -> [Int: LatencyHistogram] {
        let now = Self.time(clock.now)
        return latencies.withLock { $0[phase].steps(window, at: now) }
    }

    /// Keeps a reading of the counters, if a step of a window has begun.
    func note(_ statistics: CacheStatistics) {
        let now = Self.time(clock.now)
        history.withLock { $0.note(statistics, at: now) }
    }

    func statistics(_ window: StatisticsWindow, of statistics: CacheStatistics) -> CacheStatistics {
        let now = Self.time(clock.now)
        return history.withLock { $0.statistics(window, of: statistics, at: now) }
    }

    /// What was counted in each step of a window, by the number of the step.
    func steps(_ window: StatisticsWindow, of statistics: CacheStatistics) -> [Int: CacheStatistics] {
        let now = Self.time(clock.now)
        return history.withLock { $0.steps(window, of: statistics, at: now) }
    }
}
