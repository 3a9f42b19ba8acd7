import MemoryCache

/// What kind of cache a round of stress is about.
struct StressSettings: CustomStringConvertible, Sendable {
    let capacity: MemoryCapacity
    let keys: Int
    let isIdleTimed: Bool
    let shards: Int?
    let fencesReads: Bool
    /// How many of a thousand operations are plain reads, whatever else there is: with nearly all of them, locks lean.
    let reads: Int
    /// A key in all this is asked for in half of the requests, so that threads meet.
    let isHot: Bool

    init(using random: inout some RandomNumberGenerator) {
        let room = [1, 7, 300, 3_000, 40_000].randomElement(using: &random) ?? 300
        switch Int.random(in: 0..<3, using: &random) {
        case 0: capacity = .entries(room)
        case 1: capacity = .weight(2 * room)
        default: capacity = .bytes(200 * room)
        }
        keys = 1 + room * Int.random(in: 1...4, using: &random)
        isIdleTimed = Bool.random(using: &random)
        shards = Bool.random(using: &random) ? 1 : nil
        fencesReads = Bool.random(using: &random)
        reads = [0, 950, 997].randomElement(using: &random) ?? 0
        isHot = Bool.random(using: &random)
    }

    var description: String {
        "\(capacity), \(keys) keys, idle time: \(isIdleTimed), hot: \(isHot), fenced: \(fencesReads), reads: \(reads), shards: \(shards ?? 0)"
    }
}
