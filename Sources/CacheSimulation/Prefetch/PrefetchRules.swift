/// What a simulation of prefetching is about.
public struct PrefetchRules: Hashable, Sendable {
    /// How long entries are fresh, in the trace's unit of time: seconds where it has times, else requests; `nil` for what
    /// the trace says, or for ever.
    public var timeToLive: Double?

    /// How many loads may be made ahead in a unit of time.
    public var budget: Double

    /// How probable a request must be for a load to be worth it, from 0 to 1.
    public var breakEven: Double

    /// The precision below which a predictor switches itself off, from 0 to 1.
    public var leastPrecision: Double

    /// How many keys the predictors know at most.
    public var keys: Int

    /// Makes rules.
    ///
    /// - Parameters:
    ///   - timeToLive: How long entries are fresh.
    ///   - budget: How many loads may be made ahead in a unit of time.
    ///   - breakEven: How probable a request must be for a load to be worth it.
    ///   - leastPrecision: The precision below which a predictor switches itself off.
    ///   - keys: How many keys the predictors know at most.
    public init(
        timeToLive: Double? = nil,
        budget: Double = .infinity,
        breakEven: Double = 0.5,
        leastPrecision: Double = 0.5,
        keys: Int = 16_384
    ) {
        self.timeToLive = timeToLive
        self.budget = budget
        self.breakEven = breakEven
        self.leastPrecision = leastPrecision
        self.keys = keys
    }
}

/// What a policy reached with a capacity and a way to prefetch.
public struct PrefetchResult: Hashable, Codable, Sendable {
    /// The name of the policy.
    public var policy: String
    /// The capacity in entries.
    public var capacity: Int
    /// The way to prefetch.
    public var prefetch: PrefetchMode
    /// How many requests there were.
    public var requests: Int
    /// How many of them found a fresh entry.
    public var hits = 0
    /// How many loads were made, for misses and ahead.
    public var loads = 0
    /// How many of these were made ahead.
    public var ahead = 0
    /// How many of those were asked for while they were fresh.
    public var used = 0

    /// The share of the requests that were hits, from 0 to 1.
    public var hitRatio: Double { requests == 0 ? 0 : Double(hits) / Double(requests) }
    /// The share of the loads ahead that were used, from 0 to 1.
    public var precision: Double { ahead == 0 ? 0 : Double(used) / Double(ahead) }
    /// The share of what would have been misses that were avoided, from 0 to 1.
    public var recall: Double { used == 0 ? 0 : Double(used) / Double(used + requests - hits) }
    /// How many loads were made ahead for each that was used; 0 while none was.
    public var loadsPerAvoidedMiss: Double { used == 0 ? 0 : Double(ahead) / Double(used) }
}
