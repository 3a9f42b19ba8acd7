import Synchronization

/// Random numbers for jitter, in a few nanoseconds: the system's own cost a system call each.
///
/// Who has seen one can guess the next, which helps nobody.
struct JitterGenerator: RandomNumberGenerator {
    private static let state = Atomic<UInt64>(.random(in: .min ... .max))

    mutating func next() -> UInt64 {
        // SplitMix64: a counter that goes in large steps, with its bits mixed.
        var bits = Self.state.wrappingAdd(0x9E37_79B9_7F4A_7C15, ordering: .relaxed).newValue
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}
