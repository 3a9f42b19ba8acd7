/// What a read is predicted by.
package enum Predictor: Int, CaseIterable, Sendable {
    /// The times between the reads of the key.
    case arrival
    /// The hours of the day at which the key is read.
    case timeOfDay
    /// The keys that were read just now.
    case succession
}

/// How well a predictor does, and whether it may load.
package struct PredictorScore: Sendable {
    /// How many predictions the precision is judged by, at most and at least.
    private static let memory = 128.0
    private static let leastJudged = 32
    /// How many trials are needed at most before it may load again, and with how many loads it earns to need few.
    private static let mostTrials = 16_384
    private static let probation = 1_024

    /// Predictions that loaded.
    package private(set) var loads = 0
    /// Those of them whose keys were read while what they loaded was fresh.
    package private(set) var used = 0
    /// Those of them whose keys were not.
    package private(set) var wasted = 0

    /// Whether it may load; it begins without leave, with predictions on trial.
    package private(set) var isOn = false

    /// The share of the newest predictions, on trial or not, that were right.
    package private(set) var precision = 0.0

    /// How often it lost its leave.
    package private(set) var switchedOff = 0

    /// How many trials it needs to win its leave: twice as many each time that it loses it, since trials may look better
    /// than loads that leave the memory before they are used.
    private var trials = PredictorScore.leastJudged
    private var judged = 0
    private var judgedInAll = 0.0

    package init() {}

    mutating func noteLoad() { loads += 1 }

    /// Takes note of how a prediction turned out.
    ///
    /// The leave is lost where the precision falls below a bound, and won where it is a tenth above it for some time.
    mutating func judge(_ isRight: Bool, isTrial: Bool, leastPrecision: Double) {
        if !isTrial {
            if isRight { used += 1 } else { wasted += 1 }
        }
        judged += 1
        judgedInAll = min(Self.memory, judgedInAll + 1)
        precision += ((isRight ? 1 : 0) - precision) / judgedInAll
        if isOn {
            if judged >= Self.leastJudged, precision < leastPrecision {
                isOn = false
                switchedOff += 1
                trials = min(2 * trials, Self.mostTrials)
                judged = 0
            } else if judged >= Self.probation {
                trials = Self.leastJudged
            }
        } else if judged >= trials, precision >= min(leastPrecision + 0.1, 0.99) {
            isOn = true
            judged = 0
        }
    }
}
