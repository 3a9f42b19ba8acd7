/// When a ``Preloader`` loads a key before it is read.
public struct PreloadRules: Hashable, Sendable {
    /// How many loads may start ahead in a second on average, more than zero.
    public var loadsPerSecond: Double

    /// How many of them may be under way at once, from 1 to 1,000.
    public var maximumConcurrentLoads: Int

    /// How probable a read must be for a load of typical duration to be worth a call of the origin, more than 0 and less
    /// than 1.
    ///
    /// For a key whose load takes twice as long, half of it is enough.
    public var breakEven: Double

    /// The share of predictions that have to be right, from 0 to 1.
    ///
    /// A predictor that is right less often loads nothing. Its predictions are still judged, and it loads again when its
    /// precision is a tenth above this. So does each predictor begin.
    public var minimumPrecision: Double

    /// How many keys are known, from 1 to 1,000,000; each takes some 300 bytes.
    public var keys: Int

    /// Makes rules.
    ///
    /// - Parameters:
    ///   - loadsPerSecond: How many loads may start ahead in a second on average.
    ///   - maximumConcurrentLoads: How many of them may be under way at once.
    ///   - breakEven: How probable a read must be for a load of typical duration to be worth a call of the origin.
    ///   - minimumPrecision: The share of predictions that have to be right.
    ///   - keys: How many keys are known.
    public init(
        loadsPerSecond: Double = 10,
        maximumConcurrentLoads: Int = 4,
        breakEven: Double = 0.5,
        minimumPrecision: Double = 0.5,
        keys: Int = 16_384
    ) {
        self.loadsPerSecond = loadsPerSecond
        self.maximumConcurrentLoads = maximumConcurrentLoads
        self.breakEven = breakEven
        self.minimumPrecision = minimumPrecision
        self.keys = keys
    }

    func validate() throws(CacheError) {
        guard loadsPerSecond > 0, loadsPerSecond.isFinite, (1...1_000).contains(maximumConcurrentLoads),
            breakEven > 0, breakEven < 1, (0...1).contains(minimumPrecision), (1...1_000_000).contains(keys)
        else {
            throw CacheError(
                .invalidConfiguration,
                """
                The preload rules are out of range; give a rate above zero, 1 to 1,000 loads at once, a break-even \
                between 0 and 1, a precision from 0 to 1, and 1 to 1,000,000 keys.
                """
            )
        }
    }
}
