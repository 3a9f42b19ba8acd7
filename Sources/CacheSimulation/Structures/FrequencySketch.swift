/// How often keys were asked for of late, in a few bits per key: a count-min sketch of 4-bit counters.
///
/// The four counters of a key stand in one block of 64 bytes. Only the smallest of them grow (conservative update), and
/// all are halved after a number of additions, so that old requests count less than new ones.
struct FrequencySketch {
    private var words: [UInt64]
    private let blocks: UInt64
    private let sample: Int
    private var additions = 0

    /// - Parameters:
    ///   - blocks: How many blocks of 64 bytes.
    ///   - sample: How many additions until the counters are halved.
    init(blocks: Int, sample: Int) {
        words = Array(repeating: 0, count: blocks * 8)
        self.blocks = UInt64(blocks)
        self.sample = sample
    }

    /// How often the key of a hash was added, 0 to 15; rarely more than it was.
    func frequency(of hash: UInt64) -> Int {
        let mixed = Self.mix(hash)
        var smallest: UInt64 = 15
        for row in 0..<4 {
            let (word, shift) = counter(row, of: mixed)
            smallest = min(smallest, words[word] >> shift & 15)
        }
        return Int(smallest)
    }

    /// Adds to the frequency of the key of a hash.
    mutating func add(_ hash: UInt64, _ number: Int) {
        let raised = UInt64(min(15, frequency(of: hash) + number))
        let mixed = Self.mix(hash)
        for row in 0..<4 {
            let (word, shift) = counter(row, of: mixed)
            let value = words[word] >> shift & 15
            if value < raised { words[word] += (raised - value) << shift }
        }
        additions += number
        if additions >= sample { halve() }
    }

    private mutating func halve() {
        for index in words.indices { words[index] = words[index] >> 1 & 0x7777_7777_7777_7777 }
        additions /= 2
    }

    /// Where the counter of a row stands: the index of its word, and its lowest bit.
    private func counter(_ row: Int, of mixed: UInt64) -> (word: Int, shift: UInt64) {
        let block = (mixed >> 32 * blocks) >> 32
        let bits = mixed >> UInt64(8 * row)
        return (Int(block * 8) + 2 * row + Int(bits & 1), (bits >> 1 & 15) * 4)
    }

    /// The finalizer of SplitMix64.
    static func mix(_ hash: UInt64) -> UInt64 {
        var mixed = hash
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
