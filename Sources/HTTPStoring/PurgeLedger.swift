/// When what was purged, in the order of purges.
///
/// A stored response remembers the number of the last purge before its request was sent, and holds as long as no later one
/// touches it. So a purge costs the same whatever it touches, and a response that was under way meanwhile does not survive
/// it.
struct PurgeLedger {
    enum Verdict {
        case holds
        case stale
        case gone
    }

    private struct Entry {
        var hard: UInt64 = 0
        var soft: UInt64 = 0
    }

    /// How many tags and keys are remembered; beyond that everything stored before is gone.
    private let limit: Int
    /// The number of the newest purge.
    private(set) var newest: UInt64 = 0
    private var floor: UInt64 = 0
    private var entries: [String: Entry] = [:]

    init(limit: Int = 100_000) {
        self.limit = limit
    }

    mutating func purge(_ names: some Sequence<String>, isSoft: Bool) {
        newest += 1
        for name in names {
            if isSoft {
                entries[name, default: Entry()].soft = newest
            } else {
                entries[name, default: Entry()].hard = newest
            }
        }
        if entries.count > limit { purgeAll() }
    }

    mutating func purgeAll() {
        newest += 1
        floor = newest
        entries = [:]
    }

    func verdict(on names: some Sequence<String>, since number: UInt64) -> Verdict {
        if number < floor { return .gone }
        var verdict = Verdict.holds
        for name in names {
            guard let entry = entries[name] else { continue }
            if entry.hard > number { return .gone }
            if entry.soft > number { verdict = .stale }
        }
        return verdict
    }
}
