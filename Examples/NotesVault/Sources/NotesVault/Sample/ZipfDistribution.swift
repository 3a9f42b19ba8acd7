import Foundation

/// Ranks drawn so that the first comes up most and rank `n` about `n` to the power of the exponent less often,
/// as the popularity of notes, pages and words is distributed.
struct ZipfDistribution: Sendable {
    private let cumulative: [Double]

    /// Makes a distribution over the ranks from 0 up to, not including, `count`, which must be more than 0.
    init(count: Int, exponent: Double) {
        var sum = 0.0
        cumulative = (1...Swift.max(count, 1))
            .map { rank in
                sum += 1 / pow(Double(rank), exponent)
                return sum
            }
    }

    /// Draws a rank.
    ///
    /// - Complexity: O(log(count)).
    func rank(using generator: inout SeededGenerator) -> Int {
        let point = generator.fraction() * (cumulative.last ?? 1)
        var low = 0
        var high = cumulative.count - 1
        while low < high {
            let middle = (low + high) / 2
            if cumulative[middle] <= point { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
