/// What a vendor can purge, and how fast.
public struct EdgeCapabilities: Hashable, Sendable {
    /// A bucket of tokens, one of which each request takes.
    public struct Rate: Hashable, Sendable {
        /// How many requests may come at once.
        public var burst: Double
        /// How many more may come per second.
        public var perSecond: Double

        /// Makes a rate.
        ///
        /// - Parameters:
        ///   - burst: How many requests may come at once, at least 1.
        ///   - perSecond: How many more may come per second, above 0.
        public init(burst: Double, perSecond: Double) {
            self.burst = burst
            self.perSecond = perSecond
        }
    }

    /// How many selectors of a kind one request may name; a kind that is absent cannot be purged.
    public var batch: [EdgeSelector.Kind: Int]
    /// Which kinds can be marked as stale, and not only removed.
    public var soft: Set<EdgeSelector.Kind>
    /// How many bytes the body of a request may have.
    public var maximumBodyBytes: Int
    /// How many requests the vendor takes; `nil` for as many as there are.
    public var rate: Rate?
    /// How long after a purge it has to be repeated, since a response that was being fetched meanwhile may be stored
    /// after it; `nil` for a vendor whose purges are not repeated.
    public var echoDelay: Duration?

    /// Declares capabilities.
    ///
    /// - Parameters:
    ///   - batch: How many selectors of a kind one request may name.
    ///   - soft: Which kinds can be marked as stale.
    ///   - maximumBodyBytes: How many bytes the body of a request may have.
    ///   - rate: How many requests the vendor takes.
    ///   - echoDelay: How long after a purge it has to be repeated.
    public init(
        batch: [EdgeSelector.Kind: Int],
        soft: Set<EdgeSelector.Kind> = [],
        maximumBodyBytes: Int = 1 << 20,
        rate: Rate? = nil,
        echoDelay: Duration? = nil
    ) {
        self.batch = batch
        self.soft = soft
        self.maximumBodyBytes = maximumBodyBytes
        self.rate = rate
        self.echoDelay = echoDelay
    }
}
