import AccessPrediction
import Foundation
import MemoryCache
public import ServiceLifecycle

/// Loads keys before they are read, as far as their reads can be predicted; see <doc:Prediction>.
///
/// ```swift
/// let preloader = try Preloader(of: articles, rules: PreloadRules(loadsPerSecond: 20))
/// let group = ServiceGroup(services: [caches, preloader, server], logger: logger)
/// ```
///
/// It sees the reads that the monitoring of the cache looks at, which are all but where there are very many; then it
/// sees all reads of a share of the keys.
public final class Preloader<Key: CacheKey, Value: Sendable>: Service, Sendable {
    private let cache: LoadingCache<Key, Value>
    private let rules: PreloadRules
    private let planner: Locked<PreloadPlanner<Key>>
    private let wakeUp: WakeUp
    private let running = Locked(0)
    private let start: UInt64
    /// The time on the wall at the start, in seconds, so that days begin at midnight.
    private let startOnWall: Double

    /// Makes a preloader, which learns from now on, and loads while it runs.
    ///
    /// - Parameters:
    ///   - cache: The cache; one preloader at a time can be at work on it.
    ///   - rules: When a key is loaded.
    /// - Throws: ``CacheError`` with the code `invalidConfiguration` for rules out of range, or if the system's
    ///   ``MonitoringRules`` look at no reads.
    public init(of cache: LoadingCache<Key, Value>, rules: PreloadRules = PreloadRules()) throws(CacheError) {
        try rules.validate()
        guard let observer = cache.cache.observer else {
            throw CacheError(
                .invalidConfiguration,
                "Nothing can be predicted of reads that nobody looks at; set hotKeys of the monitoring rules above 0."
            )
        }
        self.cache = cache
        self.rules = rules
        let clock = cache.cache.clock
        start = clock.now
        startOnWall = clock.wallTime().timeIntervalSince1970
        wakeUp = WakeUp(clock: clock)
        var settings = PlannerSettings()
        settings.keys = rules.keys
        settings.loadsPerUnit = rules.loadsPerSecond
        settings.breakEven = rules.breakEven
        settings.leastPrecision = rules.minimumPrecision
        settings.hour = 3_600
        settings.leadPerCost = 2
        planner = Locked(PreloadPlanner(settings, at: startOnWall))
        observer.onRead { [weak self] key in self?.noteRead(of: key) }
        cache.cache.onFill { [weak self] in self?.noteFill(of: $0, freshUntil: $1, took: $2) }
        cache.cache.preloads.withLock { $0 = Callback { [weak self] in self?.statistics } }
    }

    /// What was done, and how well.
    public var statistics: PreloadStatistics { PreloadStatistics(planner.withLock { $0.statistics }) }

    /// Loads keys when their moments come, until the task is cancelled or the service group stops.
    public func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            await withDiscardingTaskGroup { group in
                while !Task.isCancelled {
                    for preload in duePreloads() {
                        group.addTask {
                            // A load that fails is judged when its prediction comes due.
                            try? await self.cache.preload(preload.key)
                            self.running.withLock { $0 -= 1 }
                            self.wakeUp.signal()
                        }
                    }
                    await waitForWork()
                }
                group.cancelAll()
            }
        }
    }

    private func duePreloads() -> [PreloadPlanner<Key>.Preload] {
        let (now, room) = (moment, room)
        guard room > 0 else { return [] }
        let due = planner.withLock { $0.takePreloads(at: now, limit: room) { self.isFresh($0, until: $1) } }
        running.withLock { $0 += due.count }
        return due
    }

    /// How many loads may start now.
    private var room: Int { rules.maximumConcurrentLoads - running.withLock { $0 } }

    private func waitForWork() async {
        guard room > 0, let next = planner.withLock({ $0.nextMoment }) else {
            return await wakeUp.sleep(until: Deadline.never)
        }
        let wait = next - moment
        guard wait > 0 else { return await Task.yield() }
        await wakeUp.sleep(until: Deadline.after(.seconds(min(wait, 86_400)), from: cache.cache.clock.now))
    }

    // MARK: What happens in the cache

    /// Now, in seconds since 1970 by a clock that nobody sets.
    private var moment: Double { moment(cache.cache.clock.now) }

    private func moment(_ time: UInt64) -> Double { startOnWall + (Double(time) - Double(start)) / 1e9 }

    private func isFresh(_ key: Key, until moment: Double) -> Bool {
        guard let held = cache.cache.held(key) else { return false }
        return self.moment(held.value.freshUntil) > moment
    }

    private func noteRead(of key: Key) {
        let now = moment
        let isMiss = !isFresh(key, until: now)
        let hasWork = planner.withLock { planner in
            planner.noteRead(of: key, at: now, isMiss: isMiss) { self.isFresh($0, until: now) }
            return planner.nextMoment.map { $0 <= now } ?? false
        }
        if hasWork { wakeUp.signal() }
    }

    private func noteFill(of key: Key, freshUntil: UInt64, took duration: Duration) {
        let (now, end) = (moment, moment(freshUntil))
        let isSooner = planner.withLock { planner in
            let next = planner.nextMoment ?? .infinity
            planner.noteFill(of: key, at: now, freshUntil: end, cost: duration / .seconds(1))
            return planner.nextMoment ?? .infinity < next
        }
        if isSooner { wakeUp.signal() }
    }
}
