/// When a cache is warmed.
public enum WarmingSchedule: Hashable, Sendable {
    /// Once, when the warmer starts.
    case once
    /// When the warmer starts, and then again and again, with this pause from the end of one run to the beginning of the
    /// next.
    case every(Duration)
    /// At some times of day.
    case cron(CronExpression)
}

/// How a cache is warmed without hurting its origin.
public struct WarmingRules: Hashable, Sendable {
    /// How many calls of the loader may start in any second, more than zero.
    ///
    /// Fewer do while the origin is slow or fails: the rate is halved each time that the loads of late took twice as long
    /// as they did at best, or that half of them failed, and comes back in steps.
    public var loadsPerSecond: Double

    /// How many calls of the loader may be under way at once, from 1 to 1,000.
    public var maximumConcurrentLoads: Int

    /// How many keys a loader that takes several is asked for at once, from 1 to 10,000; others are asked for one.
    public var batchSize: Int

    /// How often a key is tried whose load fails, at least 1; again only once all others have had their turn.
    ///
    /// As often the keys are asked for.
    public var attempts: Int

    /// By how much the start of a run is delayed at most, at random, so that the nodes of a fleet do not start together.
    public var startJitter: Duration

    /// Makes rules.
    ///
    /// - Parameters:
    ///   - loadsPerSecond: How many calls of the loader may start in any second.
    ///   - maximumConcurrentLoads: How many calls of the loader may be under way at once.
    ///   - batchSize: How many keys a loader that takes several is asked for at once.
    ///   - attempts: How often a key is tried whose load fails.
    ///   - startJitter: By how much the start of a run is delayed at most.
    public init(
        loadsPerSecond: Double = 50,
        maximumConcurrentLoads: Int = 4,
        batchSize: Int = 100,
        attempts: Int = 3,
        startJitter: Duration = .zero
    ) {
        self.loadsPerSecond = loadsPerSecond
        self.maximumConcurrentLoads = maximumConcurrentLoads
        self.batchSize = batchSize
        self.attempts = attempts
        self.startJitter = startJitter
    }

    func validate() throws(CacheError) {
        guard loadsPerSecond > 0, loadsPerSecond.isFinite, (1...1_000).contains(maximumConcurrentLoads),
            (1...10_000).contains(batchSize), attempts >= 1, startJitter >= .zero
        else {
            throw CacheError(
                .invalidConfiguration,
                """
                The warming rules are out of range; give a rate above zero, 1 to 1,000 loads at once, batches of 1 to \
                10,000 keys, at least one attempt, and a jitter from zero on.
                """
            )
        }
    }
}
