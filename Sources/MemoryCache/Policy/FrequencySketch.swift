/// How often keys were asked for lately, estimated: a count-min sketch of 4-bit counters with conservative update,
/// after Einziger, Friedman and Manes, "TinyLFU: A Highly Efficient Cache Admission Policy" (ACM TOS 2017).
///
/// The four counters of a key lie in one block of 64 bytes, so that to ask costs one cache miss.
@usableFromInline
struct FrequencySketch: ~Copyable {
    // Safe: made and freed with the sketch, and indexed by blocks below `blocks`.
    private let words: UnsafeMutablePointer<UInt64>
    private let blocks: UInt64
    /// After how many additions all counters are halved.
    private let sample: Int
    private var additions = 0

    /// Makes an empty sketch for a number of entries.
    init(capacity: Int) {
        blocks = UInt64((capacity + min(capacity, 4_096) + 7) / 8)
        sample = 20 * capacity
        // Aligned, so that a block lies in one cache line.
        let bytes = Int(blocks) * 64
        words = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
            .initializeMemory(as: UInt64.self, repeating: 0, count: Int(blocks) * 8)
    }

    @usableFromInline
    deinit { UnsafeMutableRawPointer(words).deallocate() }

    /// Where the four counters of a key are: in which words, and how far up in them.
    private struct Counters {
        let block: UnsafeMutablePointer<UInt64>
        let bits: UInt64

        @inline(__always)
        subscript(number: UInt64) -> (word: UnsafeMutablePointer<UInt64>, shift: UInt64) {
            let chosen = bits &>> (8 &* number)
            return (block + Int(2 &* number &+ (chosen & 1)), ((chosen &>> 1) & 15) &* 4)
        }
    }

    @inline(__always)
    private func counters(_ hash: UInt32) -> Counters {
        var mixed = UInt64(hash)
        mixed = (mixed ^ (mixed &>> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed &>> 27)) &* 0x94D0_49BB_1331_11EB
        mixed ^= mixed &>> 31
        let block = ((mixed &>> 32) &* blocks) &>> 32
        return Counters(block: words + Int(block &* 8), bits: mixed)
    }

    @inline(__always)
    private static func value(_ counters: Counters, _ number: UInt64) -> UInt64 {
        let (word, shift) = counters[number]
        return (word.pointee &>> shift) & 15
    }

    @inline(__always)
    private static func minimum(_ counters: Counters) -> UInt64 {
        min(
            min(value(counters, 0), value(counters, 1)),
            min(value(counters, 2), value(counters, 3))
        )
    }

    /// How often a key was asked for, from 0 to 15; rather too high than too low.
    func frequency(_ hash: UInt32) -> Int { Int(Self.minimum(counters(hash))) }

    /// Counts requests for a key.
    mutating func add(_ hash: UInt32, _ count: Int) {
        let counters = counters(hash)
        let goal = min(15, Self.minimum(counters) &+ UInt64(count))
        for number in 0..<4 as Range<UInt64> {
            let (word, shift) = counters[number]
            let value = (word.pointee &>> shift) & 15
            // Only the lowest counters rise: the others are that high because of other keys.
            if value < goal { word.pointee &+= (goal &- value) &<< shift }
        }
        additions &+= count
        if additions >= sample { halve() }
    }

    private mutating func halve() {
        for word in 0..<Int(blocks) * 8 { words[word] = (words[word] &>> 1) & 0x7777_7777_7777_7777 }
        additions /= 2
    }
}
