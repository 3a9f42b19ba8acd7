/// What is known of one key.
struct KeyHistory<Key: Hashable & Sendable>: Sendable {
    let key: Key
    var lastRead: Double
    var arrivals = ArrivalTimes()
    var profile = DayProfile()
    var successors = Successors<Key>()

    /// Until when its entry is fresh, and how long entries of the key live.
    var freshUntil = -Double.infinity
    var life = Double.infinity

    /// What its load costs; `nil` if that is not known.
    var cost: Double?

    /// What was predicted, and has not come due.
    var prediction: Prediction?

    /// When the key is to be looked at again.
    var wake = Double.infinity

    /// How often it was looked at since it was read.
    var looks: UInt8 = 0

    /// Whether the planner has it among its candidates.
    var isCandidate = false

    /// Whether it was read again since the hand of the table passed.
    var wasReread = false

    init(key: Key, at now: Double) {
        self.key = key
        lastRead = now
    }
}

/// That a key will be read.
struct Prediction: Sendable {
    let predictor: Predictor
    /// From when to when a read would have been a miss, and is a hit.
    let from: Double
    let until: Double
    /// Whether nothing was loaded for it, only to see whether it would be right.
    let isTrial: Bool
}
