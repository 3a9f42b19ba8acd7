/// What a ``PreloadPlanner`` is to keep to.
package struct PlannerSettings: Sendable {
    /// How many keys are known at most.
    package var keys = 16_384

    /// How many loads may start in a unit of time.
    package var loadsPerUnit = Double.infinity

    /// How probable a read must be for a load of typical cost to be worth it, from 0 to 1.
    package var breakEven = 0.5

    /// The precision below which a predictor loses its leave to load, from 0 to 1.
    package var leastPrecision = 0.5

    /// The predictors.
    package var predictors: Set<Predictor> = Set(Predictor.allCases)

    /// How long an hour is in units of time; `nil` where time has no days.
    package var hour: Double?

    /// How many times what a load costs it starts before the entry expires, where costs are durations.
    package var leadPerCost = 0.0

    package init() {}
}

/// What a ``PreloadPlanner`` has done.
package struct PlannerStatistics: Sendable {
    package var scores: [PredictorScore]
    /// Reads that found no fresh entry.
    package var misses: Int
    /// Predictions that the budget had no load for.
    package var refused: Int
    /// Keys that are known.
    package var keys: Int

    package var loads: Int { scores.reduce(0) { $0 + $1.loads } }
    package var used: Int { scores.reduce(0) { $0 + $1.used } }
    package var wasted: Int { scores.reduce(0) { $0 + $1.wasted } }

    /// The share of the loads that came due and were used, from 0 to 1; 0 while there are none.
    package var precision: Double { used + wasted == 0 ? 0 : Double(used) / Double(used + wasted) }

    /// The share of what would have been misses that were avoided, from 0 to 1.
    package var recall: Double { used + misses == 0 ? 0 : Double(used) / Double(used + misses) }

    /// How many loads were made for each miss that was avoided; 0 while none was.
    package var loadsPerAvoidedMiss: Double { used == 0 ? 0 : Double(used + wasted) / Double(used) }
}
