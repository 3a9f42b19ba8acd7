extension CircuitBreaker {
    /// When a breaker opens, and how it comes to close again.
    public struct Configuration: Hashable, Sendable {
        /// How far back calls count, from a millisecond to a day.
        public var window: Duration

        /// Into how many parts the window is divided, from 1 to 1,000; calls leave it a part at a time.
        public var buckets: Int

        /// How many calls the window has to hold before their shares mean anything, at least 1.
        public var minimumCalls: Int

        /// The share of failed calls that opens the breaker, more than 0 and at most 1.
        public var failureRatio: Double

        /// The share of slow calls that opens the breaker, more than 0 and at most 1.
        public var slowRatio: Double

        /// How long a call may take before it is slow, more than zero and at most a day.
        ///
        /// Choose it shorter than the timeout of the calls: a call that is cancelled counts only if it was slow.
        public var slowCall: Duration

        /// How long the breaker stays open the first time, more than zero and at most a day.
        public var openDuration: Duration

        /// The longest that the breaker stays open, from ``openDuration`` to a day.
        public var maximumOpenDuration: Duration

        /// By what the time is multiplied when the breaker opens again, from 1 to 100.
        ///
        /// It begins anew once the breaker has stayed closed for a whole ``window``.
        public var growth: Double

        /// By which share of it, from 0 to 1, the time may be lengthened at random, so that processes do not probe
        /// together.
        public var jitter: Double

        /// How many calls are let through after that time, and have to succeed, before the breaker closes; at least
        /// 1.
        public var probes: Int

        /// How long to wait for the end of such a call before it counts as failed, more than zero and at most a day.
        public var probeDeadline: Duration

        /// Makes a configuration.
        ///
        /// - Parameters:
        ///   - window: How far back calls count; 10 seconds unless given.
        ///   - buckets: Into how many parts the window is divided; 10 unless given.
        ///   - minimumCalls: How many calls the window has to hold; 20 unless given.
        ///   - failureRatio: The share of failed calls that opens the breaker; a half unless given.
        ///   - slowRatio: The share of slow calls that opens the breaker; 0.8 unless given.
        ///   - slowCall: How long a call may take before it is slow; 2 seconds unless given.
        ///   - openDuration: How long the breaker stays open the first time; 5 seconds unless given.
        ///   - maximumOpenDuration: The longest that it stays open; a minute unless given.
        ///   - growth: By what the time is multiplied when it opens again; 2 unless given.
        ///   - jitter: By which share the time may be lengthened; 0.2 unless given.
        ///   - probes: How many calls have to succeed before it closes; 3 unless given.
        ///   - probeDeadline: How long to wait for the end of such a call; half a minute unless given.
        public init(
            window: Duration = .seconds(10),
            buckets: Int = 10,
            minimumCalls: Int = 20,
            failureRatio: Double = 0.5,
            slowRatio: Double = 0.8,
            slowCall: Duration = .seconds(2),
            openDuration: Duration = .seconds(5),
            maximumOpenDuration: Duration = .seconds(60),
            growth: Double = 2,
            jitter: Double = 0.2,
            probes: Int = 3,
            probeDeadline: Duration = .seconds(30)
        ) {
            self.window = window
            self.buckets = buckets
            self.minimumCalls = minimumCalls
            self.failureRatio = failureRatio
            self.slowRatio = slowRatio
            self.slowCall = slowCall
            self.openDuration = openDuration
            self.maximumOpenDuration = maximumOpenDuration
            self.growth = growth
            self.jitter = jitter
            self.probes = probes
            self.probeDeadline = probeDeadline
        }

        /// For an origin: a call is slow after 2 seconds.
        public static let origin = Configuration()

        /// For a store: a call is slow after 100 milliseconds, well within the default
        /// ``CacheSystem/Configuration/storeTimeout``.
        public static let store = Configuration(slowCall: .milliseconds(100), probeDeadline: .seconds(5))
    }
}

extension CircuitBreaker.Configuration {
    /// Checks the ranges.
    func validate() throws(CacheError) {
        let day = Duration.seconds(86_400)
        let bounds: [(isKept: Bool, rule: String)] = [
            (window >= .milliseconds(1) && window <= day, "window has to be from a millisecond to a day"),
            ((1...1_000).contains(buckets), "buckets has to be from 1 to 1,000"),
            (minimumCalls >= 1, "minimumCalls has to be at least 1"),
            (failureRatio > 0 && failureRatio <= 1, "failureRatio has to be more than 0 and at most 1"),
            (slowRatio > 0 && slowRatio <= 1, "slowRatio has to be more than 0 and at most 1"),
            (slowCall > .zero && slowCall <= day, "slowCall has to be more than zero and at most a day"),
            (openDuration > .zero && openDuration <= day, "openDuration has to be more than zero and at most a day"),
            (
                maximumOpenDuration >= openDuration && maximumOpenDuration <= day,
                "maximumOpenDuration has to be from openDuration to a day"
            ),
            ((1...100).contains(growth), "growth has to be from 1 to 100"),
            ((0...1).contains(jitter), "jitter has to be from 0 to 1"),
            (probes >= 1, "probes has to be at least 1"),
            (probeDeadline > .zero && probeDeadline <= day, "probeDeadline has to be more than zero and at most a day"),
        ]
        for bound in bounds where !bound.isKept {
            throw CacheError(.invalidConfiguration, "The setting \(bound.rule) in the configuration of a breaker.")
        }
    }
}
