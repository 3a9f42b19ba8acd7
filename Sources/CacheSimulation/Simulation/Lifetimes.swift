/// Until when the entries of a cache are fresh.
struct Lifetimes {
    private let trace: Trace
    private let isUsed: Bool
    private var ends: [UInt64: Int] = [:]

    init(_ trace: Trace) {
        self.trace = trace
        isUsed = !trace.timesToLive.isEmpty
    }

    /// Whether the entry of a request is fresh; if it is not, its life begins anew.
    mutating func isFresh(at position: Int, isHeld: Bool) -> Bool {
        guard isUsed else { return true }
        let (key, time) = (trace.keys[position], trace.times[position])
        if isHeld, let end = ends[key], time < end { return true }
        let timeToLive = trace.timesToLive[position]
        ends[key] = timeToLive == 0 ? .max : time + timeToLive
        return false
    }
}
