import Foundation

/// How long it takes from one read of a key to the next, as far as the newest reads tell.
///
/// Gaps are taken as log-normal, which fits times that are never negative and now and then very long: what is kept is the
/// mean and the variance of their logarithms, in which each new gap counts an eighth, and the first ones more.
package struct ArrivalTimes: Sendable {
    /// How much the newest gap counts at least.
    private static let newest: Float = 1 / 8

    /// The least deviation of the logarithms: a fiftieth of a gap, since no program keeps time for ever.
    private static let leastDeviation = 0.02

    private var logMean: Float = 0
    private var logVariance: Float = 0
    private var gaps: UInt8 = 0

    package init() {}

    /// Takes a gap into account.
    ///
    /// - Parameter gap: How long it was, more than zero.
    package mutating func record(_ gap: Double) {
        guard gap > 0, gap.isFinite else { return }
        let value = Float(log(gap))
        if gaps < .max { gaps += 1 }
        let weight = max(Self.newest, 1 / Float(gaps))
        let difference = value - logMean
        logMean += weight * difference
        logVariance = (1 - weight) * (logVariance + weight * difference * difference)
    }

    /// Whether there have been gaps enough to tell anything.
    package var isTelling: Bool { gaps >= 3 }

    /// The gap that half of all gaps exceed.
    package var median: Double { exp(Double(logMean)) }

    /// The logarithm of the factor by which a gap usually misses the median.
    private var deviation: Double { max(Self.leastDeviation, Double(logVariance).squareRoot()) }

    /// The gap before which reads are seldom.
    package var earliest: Double { exp(Double(logMean) - 2 * deviation) }

    /// The gap behind which reads are seldom.
    package var latest: Double { exp(Double(logMean) + 2 * deviation) }

    /// How probable it is that the next read comes within some time.
    ///
    /// - Parameters:
    ///   - start: How long the last read is ago, at the beginning of that time; no read has come until then.
    ///   - end: The same at its end.
    /// - Returns: The probability, from 0 to 1; 0 while there were too few gaps, and where reads are long overdue.
    package func probability(from start: Double, to end: Double) -> Double {
        guard isTelling, end > start else { return 0 }
        let left = survival(start)
        guard left > 1e-4 else { return 0 }
        return min(1, max(0, 1 - survival(end) / left))
    }

    /// Which share of the gaps is longer.
    private func survival(_ gap: Double) -> Double {
        guard gap > 0 else { return 1 }
        return 0.5 * erfc((log(gap) - Double(logMean)) / (deviation * 2.0.squareRoot()))
    }
}
