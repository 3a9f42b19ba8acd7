import Foundation

/// At which hours of the day a key is read: the share of the days on which it was, hour by hour.
///
/// A day counts a quarter when it is over, so that four days make a habit and a week unmakes it. Takes 40 bytes.
package struct DayProfile: Sendable {
    private static let hoursPerDay = 24

    /// In 255ths.
    private var shares = SIMD32<UInt8>()
    private var newest: Int?

    package init() {}

    /// Takes a read into account.
    ///
    /// - Parameter hour: In which hour it came, counted from any midnight.
    package mutating func record(hour: Int) {
        guard let newest, hour - newest <= 7 * Self.hoursPerDay else {
            shares = SIMD32()
            newest = hour
            raise(hour)
            return
        }
        guard hour > newest else { return }
        for passed in (newest + 1)..<max(newest + 1, hour) {
            shares[Self.place(passed)] -= shares[Self.place(passed)] / 4
        }
        raise(hour)
        self.newest = hour
    }

    private mutating func raise(_ hour: Int) {
        let place = Self.place(hour)
        shares[place] += (255 - shares[place]) / 4
    }

    /// How probable it is that the key is read within some time, in hours from the same midnight.
    package func probability(from start: Double, to end: Double) -> Double {
        guard newest != nil, end > start else { return 0 }
        var without = 1.0
        var hour = Int(start.rounded(.down))
        while Double(hour) < min(end, start + Double(Self.hoursPerDay)) {
            let overlap = min(end, Double(hour + 1)) - max(start, Double(hour))
            without *= pow(1 - share(hour), overlap)
            hour += 1
        }
        return 1 - without
    }

    /// The beginning of the next hour in which the key is read on so many days; `nil` if there is none.
    package func nextHour(after moment: Double, withShare share: Double) -> Double? {
        let first = Int(moment.rounded(.down)) + 1
        return (first..<first + Self.hoursPerDay).first { self.share($0) >= share }.map(Double.init)
    }

    private func share(_ hour: Int) -> Double { Double(shares[Self.place(hour)]) / 255 }

    private static func place(_ hour: Int) -> Int {
        let place = hour % hoursPerDay
        return place < 0 ? place + hoursPerDay : place
    }
}
