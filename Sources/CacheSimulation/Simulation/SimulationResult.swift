/// What a policy reached with a capacity.
public struct SimulationResult: Hashable, Codable, Sendable {
    /// The name of the policy.
    public var policy: String
    /// The capacity in entries, or in weight.
    public var capacity: Int
    /// How many requests there were.
    public var requests: Int
    /// How many of them found their key held.
    public var hits: Int

    /// Makes a result.
    ///
    /// - Parameters:
    ///   - policy: The name of the policy.
    ///   - capacity: The capacity in entries, or in weight.
    ///   - requests: How many requests there were.
    ///   - hits: How many of them found their key held.
    public init(policy: String, capacity: Int, requests: Int, hits: Int) {
        self.policy = policy
        self.capacity = capacity
        self.requests = requests
        self.hits = hits
    }

    /// The share of the requests that were hits, 0 to 1.
    public var hitRatio: Double { requests == 0 ? 0 : Double(hits) / Double(requests) }
}
