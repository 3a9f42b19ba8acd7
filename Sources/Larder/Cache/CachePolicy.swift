/// How long entries live, and what happens when they cannot be loaded.
///
/// A namespace has a policy, and each call may bring its own.
public struct CachePolicy: Hashable, Sendable {
    /// How long a value is fresh, from zero to ``maximumDuration``; zero stores nothing.
    public var timeToLive: Duration

    /// How much longer, from zero to ``maximumDuration``, the stale copy of a value is kept to be served when
    /// loading fails.
    public var grace: Duration

    /// How long the absence of a value is remembered, from zero to ``maximumDuration``; zero does not remember it.
    public var negativeTimeToLive: Duration

    /// By which share of it, from 0 to 1, a lifetime may be shortened at random, so that values that were stored
    /// together do not expire together.
    public var jitter: Double

    /// How long a load may take before it is abandoned, more than zero and at most ``maximumDuration``.
    ///
    /// Callers who waited for an abandoned load get an error or a stale copy, the next caller starts a new load,
    /// and what the abandoned one may still bring is not stored.
    public var loadDeadline: Duration

    /// When a ``LoadingCache`` loads a value anew before it expires.
    public var refreshAhead: RefreshAhead

    /// The longest duration that a policy may hold: a hundred years of 365 days.
    public static let maximumDuration: Duration = .seconds(100 * 365 * 86_400)

    /// Makes a policy.
    ///
    /// - Parameters:
    ///   - timeToLive: How long a value is fresh; five minutes unless given.
    ///   - grace: How much longer a stale copy is kept; not at all unless given.
    ///   - negativeTimeToLive: How long an absence is remembered; half a minute unless given.
    ///   - jitter: The largest share by which a lifetime is shortened at random; a tenth unless given.
    ///   - loadDeadline: How long a load may take; half a minute unless given.
    ///   - refreshAhead: When a ``LoadingCache`` loads a value anew before it expires; never unless given.
    public init(
        timeToLive: Duration = .seconds(300),
        grace: Duration = .zero,
        negativeTimeToLive: Duration = .seconds(30),
        jitter: Double = 0.1,
        loadDeadline: Duration = .seconds(30),
        refreshAhead: RefreshAhead = .never
    ) {
        self.timeToLive = timeToLive
        self.grace = grace
        self.negativeTimeToLive = negativeTimeToLive
        self.jitter = jitter
        self.loadDeadline = loadDeadline
        self.refreshAhead = refreshAhead
    }

    /// The policy of a namespace that names none.
    public static let `default` = CachePolicy()
}

extension CachePolicy {
    /// Checks the ranges.
    package func validate() throws(CacheError) {
        try Self.validate(timeToLive, "timeToLive")
        try Self.validate(grace, "grace")
        try Self.validate(negativeTimeToLive, "negativeTimeToLive")
        try Self.validate(loadDeadline, "loadDeadline")
        guard loadDeadline > .zero else {
            throw CacheError(.invalidPolicy, "A loadDeadline of zero lets no load finish; give some seconds.")
        }
        try refreshAhead.validate()
        guard (0...1).contains(jitter) else {
            throw CacheError(.invalidPolicy, "The jitter is \(jitter); give a share from 0 to 1.")
        }
    }

    private static func validate(_ duration: Duration, _ name: String) throws(CacheError) {
        guard duration >= .zero else {
            throw CacheError(.invalidPolicy, "The \(name) is negative (\(duration)); give zero or more.")
        }
        guard duration <= maximumDuration else {
            throw CacheError(
                .invalidPolicy,
                "The \(name) is longer than a hundred years (\(duration)); give CachePolicy.maximumDuration at most."
            )
        }
    }

    /// How long a loaded value, or its absence, shall be fresh; a random number from 0 to 1 decides how much the
    /// jitter takes.
    func lifetime(isAbsent: Bool, random: Double) -> Duration {
        (isAbsent ? negativeTimeToLive : timeToLive) * (1 - jitter * random)
    }
}
