extension LarderPolicy {
    /// Tries the largest window for a period when there are hardly any hits.
    ///
    /// Keys that come back soon, but not within a small window, give no hits by which the window could grow.
    struct Probe {
        /// What the border does at the end of a period.
        enum Step: Equatable {
            /// Moves by the hits per slot.
            case steer
            /// Moves by the hits per slot, and then tries the largest window.
            case begin
            /// Stays at the largest window.
            case keep
            /// Goes back to where it was.
            case giveUp(Int)
        }

        private static let shortestWait = 4
        private static let longestWait = 64

        private var isUnderWay = false
        private var formerTarget = 0
        private var formerHits = 0
        private var interval = shortestWait
        private var wait = shortestWait

        mutating func next(hits: Int, period: Int) -> Step {
            if isUnderWay {
                isUnderWay = false
                if hits >= 4 * formerHits, hits * 4 >= period {
                    interval = Self.shortestWait
                    wait = interval
                    return .keep
                }
                interval = min(Self.longestWait, 4 * interval)
                wait = interval
                return .giveUp(formerTarget)
            }
            guard hits * 24 < period else {
                interval = Self.shortestWait
                wait = interval
                return .steer
            }
            guard wait == 0 else {
                wait -= 1
                return .steer
            }
            formerHits = hits
            return .begin
        }

        mutating func begin(from target: Int, to greatest: Int) -> Int {
            isUnderWay = true
            formerTarget = target
            return greatest
        }
    }
}
