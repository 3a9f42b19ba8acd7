/// A policy, and until when what it holds is fresh.
struct PrefetchedCache<Policy: PeekablePolicy> {
    private struct Entry {
        var freshUntil: Double
        /// Whether it was loaded ahead, and not asked for since.
        var isAhead = false
    }

    private var policy: Policy
    private let trace: Trace
    private let timeToLive: Double?
    private var entries: [UInt64: Entry] = [:]

    var now = -Double.infinity
    /// How long what is loaded now lives.
    var lifeOfRequest = Double.infinity
    private(set) var hits = 0
    private(set) var loads = 0
    private(set) var ahead = 0
    private(set) var used = 0

    init(policy: Policy, trace: Trace, timeToLive: Double?) {
        self.policy = policy
        self.trace = trace
        self.timeToLive = timeToLive
    }

    /// How long the object of a request lives.
    func life(of position: Int) -> Double {
        if let timeToLive { return timeToLive }
        guard !trace.timesToLive.isEmpty, trace.timesToLive[position] > 0 else { return .infinity }
        return Double(trace.timesToLive[position])
    }

    /// Until when the entry of a key is fresh; long ago if it is not held.
    func freshUntil(_ key: UInt64) -> Double {
        guard policy.contains(key), let entry = entries[key] else { return -.infinity }
        return entry.freshUntil
    }

    func isFresh(_ key: UInt64) -> Bool { freshUntil(key) > now }

    /// Asks for a key, and loads it if that has to be.
    ///
    /// - Returns: Whether it had to be.
    mutating func request(_ key: UInt64) -> Bool {
        let isHeld = policy.request(key)
        if isHeld, let entry = entries[key], entry.freshUntil > now {
            hits += 1
            if entry.isAhead {
                used += 1
                entries[key]?.isAhead = false
            }
            return false
        }
        loads += 1
        entries[key] = Entry(freshUntil: now + lifeOfRequest)
        return true
    }

    /// Loads what a planner wants to have loaded at a moment.
    mutating func loadAhead(from planner: inout some PrefetchPlanner, at moment: Double) {
        now = moment
        for key in planner.takeDue(self) where !isFresh(key) {
            if !policy.contains(key) { _ = policy.request(key) }
            loads += 1
            ahead += 1
            entries[key] = Entry(freshUntil: now + lifeOfRequest, isAhead: true)
            planner.noteFill(of: key, self)
        }
    }
}
