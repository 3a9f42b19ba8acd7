import AccessPrediction

/// What a ``Preloader`` has done, and how well.
public struct PreloadStatistics: Hashable, Sendable {
    /// How well one way to predict reads does.
    public struct Predictor: Hashable, Sendable {
        /// What it predicts by: `arrival`, the times between the reads of a key; `timeOfDay`; or `succession`, the keys that
        /// were read just before.
        public var name: String
        /// Loads that were made for its predictions.
        public var loads = 0
        /// Those whose keys were read while what was loaded was fresh.
        public var used = 0
        /// Those whose keys were not.
        public var wasted = 0
        /// Whether it may load; see ``PreloadRules/minimumPrecision``.
        public var isOn = false
        /// The share of its newest predictions that were right, made for a trial or not, from 0 to 1.
        public var precision = 0.0
        /// How often it was switched off.
        public var switchedOff = 0
    }

    /// Each way to predict reads.
    public var predictors: [Predictor] = []

    /// Reads that found no fresh entry.
    public var misses = 0

    /// Loads that the budget had no room for.
    public var refused = 0

    /// Keys that are known.
    public var keys = 0

    /// Loads that were made ahead.
    public var loads: Int { predictors.reduce(0) { $0 + $1.loads } }

    /// Those whose keys were read while what was loaded was fresh: misses that were avoided.
    public var used: Int { predictors.reduce(0) { $0 + $1.used } }

    /// Those whose keys were not.
    public var wasted: Int { predictors.reduce(0) { $0 + $1.wasted } }

    /// The share of the loads that came due and were used, from 0 to 1; 0 while none has come due.
    public var precision: Double { used + wasted == 0 ? 0 : Double(used) / Double(used + wasted) }

    /// The share of what would have been misses that were avoided, from 0 to 1.
    public var recall: Double { used + misses == 0 ? 0 : Double(used) / Double(used + misses) }

    /// How many calls of the origin were made for each miss that was avoided; 0 while none was.
    public var loadsPerAvoidedMiss: Double { used == 0 ? 0 : Double(used + wasted) / Double(used) }

    init(_ statistics: PlannerStatistics) {
        predictors = zip(AccessPrediction.Predictor.allCases, statistics.scores)
            .map { predictor, score in
                Predictor(
                    name: "\(predictor)",
                    loads: score.loads,
                    used: score.used,
                    wasted: score.wasted,
                    isOn: score.isOn,
                    precision: score.precision,
                    switchedOff: score.switchedOff
                )
            }
        misses = statistics.misses
        refused = statistics.refused
        keys = statistics.keys
    }
}
