/// Belady's optimum: what a cache could reach that knew the future.
///
/// A key may be passed by: a key that is asked for next after all entries are is not stored. This is the better of the
/// two common definitions, and no policy can do better for entries of equal weight.
public struct OptimalPolicy: Sendable {
    private let capacity: Int
    /// For each position of the trace, whether the entry asked for there is held until then.
    private var isHeld: [Bool]
    /// The positions at which the entries held are asked for next, the last on top; also some that are past.
    private var nextUses = MaximumHeap()

    /// How many entries the cache holds.
    public private(set) var count = 0

    /// Makes an empty cache.
    ///
    /// - Parameters:
    ///   - capacity: How many entries it may hold, at least 1.
    ///   - requests: How many requests there will be.
    public init(capacity: Int, requests: Int) {
        self.capacity = capacity
        isHeld = Array(repeating: false, count: requests)
    }

    /// Asks for the key at a position of the trace.
    ///
    /// - Parameters:
    ///   - position: The position, counted from 0, each in its turn.
    ///   - nextUse: The position of the next request of the same key, or nil.
    /// - Returns: Whether the key was held.
    /// - Complexity: O(log n) in the number of requests.
    public mutating func request(at position: Int, nextUse: Int?) -> Bool {
        let isHit = isHeld[position]
        if isHit { count -= 1 }
        guard let nextUse else { return isHit }
        isHeld[nextUse] = true
        nextUses.push(nextUse)
        count += 1
        if count > capacity {
            // Positions that are past are smaller than any of an entry that is held, so the top is never one of them.
            isHeld[nextUses.pop()] = false
            count -= 1
        }
        return isHit
    }

    /// For each request of a trace, the position of the next request of the same key.
    ///
    /// - Parameter keys: The keys in the order of the requests.
    /// - Returns: As many positions as keys, -1 where the key is not asked for again.
    public static func nextUses(of keys: [UInt64]) -> [Int] {
        var next = Array(repeating: -1, count: keys.count)
        var last: [UInt64: Int] = [:]
        for position in keys.indices {
            if let previous = last.updateValue(position, forKey: keys[position]) { next[previous] = position }
        }
        return next
    }
}
