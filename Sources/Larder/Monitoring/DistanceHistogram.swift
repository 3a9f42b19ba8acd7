import func Foundation.pow

/// How many other keys lay between two requests of one key, counted each by itself below 1,024, and then in
/// classes whose width is a thousandth of their values.
struct DistanceHistogram: Sendable {
    private static let bits = 10
    private static let classesPerOctave = 1 << bits

    /// The requests that were counted, first ones included; fractions, because a sample that is halved counts half.
    private(set) var total = 0.0

    private var counts: [Double] = []

    mutating func addFirstRequest() { total += 1 }

    mutating func add(_ distance: Double) {
        let index = Self.index(distance)
        if index >= counts.count { counts += repeatElement(0, count: index + 1 - counts.count) }
        counts[index] += 1
        total += 1
    }

    mutating func halve() {
        total /= 2
        for index in counts.indices { counts[index] /= 2 }
    }

    /// The requests with a smaller distance; of the class that a distance lies in, a part.
    func count(below distance: Double) -> Double {
        guard distance > 0 else { return 0 }
        let index = Self.index(distance)
        let whole = counts.prefix(index).reduce(0, +)
        guard index < counts.count else { return whole }
        let (low, high) = (Self.start(index), Self.start(index + 1))
        return whole + counts[index] * (distance - low) / (high - low)
    }

    private static func index(_ distance: Double) -> Int {
        guard distance >= Double(classesPerOctave) else { return Int(distance) }
        let octave = Int(distance.exponent) - bits
        return (octave + 1) * classesPerOctave + Int((distance.significand - 1) * Double(classesPerOctave))
    }

    /// The smallest distance of a class.
    private static func start(_ index: Int) -> Double {
        guard index >= classesPerOctave else { return Double(index) }
        let (octave, step) = (index / classesPerOctave - 1, index % classesPerOctave)
        return Double(classesPerOctave + step) * pow(2, Double(octave))
    }
}
