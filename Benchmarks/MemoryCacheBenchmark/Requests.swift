import Foundation

/// Sequences of keys of which few are frequent and many are rare, the same in each run.
struct Requests: Sendable {
    let keys: [Int]

    /// Draws keys from `0..<count` by Zipf's law with an exponent of 0.99.
    init(among count: Int, length: Int, seed: UInt64) {
        var cumulative: [Double] = []
        cumulative.reserveCapacity(count)
        var sum = 0.0
        for rank in 1...count {
            sum += pow(Double(rank), -0.99)
            cumulative.append(sum)
        }
        // Frequent keys shall not lie side by side; the same ones are frequent in all sequences.
        var order = Generator(state: 1)
        let scattered = (0..<count).shuffled(using: &order)
        var random = Generator(state: seed)
        keys = (0..<length)
            .map { _ in
                let target = Double.random(in: 0..<sum, using: &random)
                var low = 0
                var high = count - 1
                while low < high {
                    let middle = (low + high) / 2
                    if cumulative[middle] < target { low = middle + 1 } else { high = middle }
                }
                return scattered[low]
            }
    }

    /// SplitMix64.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var word = state
            word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
            return word ^ (word >> 31)
        }
    }
}
