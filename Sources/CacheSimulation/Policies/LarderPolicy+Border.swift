extension LarderPolicy {
    /// The border between the window and the main space, which moves to where a slot earns more hits.
    struct Border {
        /// By how much the hits per slot of the window have to be more, as a logarithm: full counters hide more hits in
        /// the main space.
        private static let handicap = 64

        private let capacity: Int
        private let range: ClosedRange<Int>
        private let period: Int
        /// The size of the window in 1/256 entries.
        private var target: Int
        private var windowHits = 0
        private var mainHits = 0
        private var events = 0
        private var probe = Probe()

        init(capacity: Int) {
            self.capacity = capacity
            let minimum = max(256, 256 * capacity / 100)
            range = minimum...max(minimum, 256 * capacity * 9 / 10)
            period = max(2_000, 3 * capacity)
            target = (12 * capacity).clamped(to: range)
        }

        /// The same border for another number of entries.
        func scaled(to other: Int) -> Border {
            var scaled = Border(capacity: other)
            scaled.target = (target / capacity * other).clamped(to: scaled.range)
            return scaled
        }

        var windowCapacity: Int { target / 256 }

        mutating func recordHit(inWindow: Bool) {
            if inWindow { windowHits += 1 } else { mainHits += 1 }
        }

        mutating func recordEvent(windowCount: Int, mainCount: Int) {
            events += 1
            guard events >= period else { return }
            let step = probe.next(hits: windowHits + mainHits, period: period)
            switch step {
            case .keep:
                break
            case .giveUp(let former):
                target = former
            case .steer, .begin:
                steer(windowCount: windowCount, mainCount: mainCount)
            }
            if step == .begin { target = probe.begin(from: target, to: range.upperBound) }
            windowHits = 0
            mainHits = 0
            events = 0
        }

        private mutating func steer(windowCount: Int, mainCount: Int) {
            let difference =
                Self.logarithm((windowHits + 1) * max(1, mainCount))
                - Self.logarithm((mainHits + 1) * max(1, windowCount))
            target = (target + capacity * (difference - Self.handicap) / 48).clamped(to: range)
        }

        /// The logarithm to the base 2, in 1/256, with a straight line between powers of two.
        private static func logarithm(_ number: Int) -> Int {
            let exponent = number.bitWidth - 1 - number.leadingZeroBitCount
            let fraction = exponent >= 8 ? number >> (exponent - 8) : number << (8 - exponent)
            return exponent * 256 + fraction & 255
        }
    }
}

extension Int {
    fileprivate func clamped(to range: ClosedRange<Int>) -> Int {
        Swift.min(range.upperBound, Swift.max(range.lowerBound, self))
    }
}
