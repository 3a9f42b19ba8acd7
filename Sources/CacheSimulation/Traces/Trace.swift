/// The requests that a cache got, in their order.
public struct Trace: Sendable {
    /// The key of each request.
    public var keys: [UInt64]

    /// The weight of each request's object, such as its size in bytes; empty if the trace has no weights.
    public var weights: [Int]

    /// The second in which each request came; empty if the trace does not tell.
    public var times: [Int]

    /// How many seconds the object of each request lives, 0 for ever; empty if the trace has no lifetimes.
    public var timesToLive: [Int]

    /// Makes a trace.
    ///
    /// - Parameters:
    ///   - keys: The key of each request.
    ///   - weights: The weight of each request's object, or nothing.
    ///   - times: The second in which each request came, or nothing.
    ///   - timesToLive: How many seconds the object of each request lives, 0 for ever, or nothing.
    public init(keys: [UInt64], weights: [Int] = [], times: [Int] = [], timesToLive: [Int] = []) {
        self.keys = keys
        self.weights = weights
        self.times = times
        self.timesToLive = timesToLive
    }

    /// How many keys the trace has, each counted once.
    ///
    /// - Complexity: O(n) in the number of requests.
    public func distinctKeyCount() -> Int { Set(keys).count }

    /// The sum of the weights of all objects, each counted once with its first weight.
    ///
    /// - Complexity: O(n) in the number of requests.
    public func totalWeight() -> Int {
        var seen: Set<UInt64> = []
        return zip(keys, weights).reduce(0) { seen.insert($1.0).inserted ? $0 + $1.1 : $0 }
    }
}
