/// How long entries live, and what happens when they cannot be loaded.
///
/// A namespace has a policy, and each call may bring its own.
public struct CachePolicy: Hashable, Sendable {
    /// How long a value is fresh, from zero to ``maximumDuration``; zero stores nothing.
    public var timeToLive: Duration

    /// How much longer, from zero to ``maximumDuration``, the stale copy of a value is kept to be served when
    /// loading fails or takes longer than ``softTimeout``.
    public var grace: Duration

    /// How long at most, from zero to ``maximumDuration``, the copy of a value that was softly invalidated may still
    /// be served; `nil` for as long as it could have been served without the invalidation.
    public var graceAfterInvalidation: Duration?

    /// How long the absence of a value is remembered, from zero to ``maximumDuration``; zero does not remember it.
    public var negativeTimeToLive: Duration

    /// By which share of it, from 0 to 1, a lifetime may be shortened at random, so that values that were stored
    /// together do not expire together.
    public var jitter: Double

    /// The tags of the entries that are written or loaded by this policy, each not empty; see
    /// ``TieredCache/removeAll(tagged:)``.
    public var tags: Set<String> = []

    /// How long a caller for whom there is a stale copy waits for a load before it gets the copy.
    ///
    /// From zero to ``maximumDuration``; the load goes on. Zero answers with the stale copy at once.
    ///
    /// Like the other timeouts of callers, it holds for those who wait: not for the one in whose own task a loader
    /// runs, which cannot be left behind.
    public var softTimeout: Duration

    /// How long any caller waits for a load, more than zero and at most ``maximumDuration``, before it gets an error
    /// with the code ``CacheError/Code/loadTimedOut``, or a stale copy; the load goes on.
    public var hardTimeout: Duration

    /// How long a caller waits for a load that another caller started, more than zero and at most
    /// ``maximumDuration``; `nil` for ``hardTimeout``.
    public var waiterTimeout: Duration?

    /// How long a load may take before it is abandoned, more than zero and at most ``maximumDuration``.
    ///
    /// Callers who waited for an abandoned load get an error or a stale copy, the next caller starts a new load,
    /// and what the abandoned one may still bring is not stored.
    public var loadDeadline: Duration

    /// How long, after a load failed and a stale copy stood in for it, that copy is served without asking the loader
    /// again, from zero to ``maximumDuration``; shortened at random by ``jitter``.
    public var retryPause: Duration

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
    ///   - softTimeout: How long a caller for whom there is a stale copy waits; half a second unless given.
    ///   - hardTimeout: How long any caller waits; ten seconds unless given.
    ///   - loadDeadline: How long a load may take; half a minute unless given.
    ///   - retryPause: How long a stale copy stands in before the loader is asked again; five seconds unless given.
    ///   - refreshAhead: When a ``LoadingCache`` loads a value anew before it expires; never unless given.
    public init(
        timeToLive: Duration = .seconds(300),
        grace: Duration = .zero,
        negativeTimeToLive: Duration = .seconds(30),
        jitter: Double = 0.1,
        softTimeout: Duration = .milliseconds(500),
        hardTimeout: Duration = .seconds(10),
        loadDeadline: Duration = .seconds(30),
        retryPause: Duration = .seconds(5),
        refreshAhead: RefreshAhead = .never
    ) {
        self.timeToLive = timeToLive
        self.grace = grace
        self.negativeTimeToLive = negativeTimeToLive
        self.jitter = jitter
        self.softTimeout = softTimeout
        self.hardTimeout = hardTimeout
        self.loadDeadline = loadDeadline
        self.retryPause = retryPause
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
        try Self.validate(graceAfterInvalidation ?? .zero, "graceAfterInvalidation")
        try Self.validate(negativeTimeToLive, "negativeTimeToLive")
        try Self.validate(softTimeout, "softTimeout")
        try Self.validate(retryPause, "retryPause")
        try Self.validate(hardTimeout, "hardTimeout", isPositive: true)
        try Self.validate(waiterTimeout ?? hardTimeout, "waiterTimeout", isPositive: true)
        try Self.validate(loadDeadline, "loadDeadline", isPositive: true)
        try refreshAhead.validate()
        guard tags.allSatisfy(DependencyTag.isAllowed) else {
            throw CacheError(.invalidPolicy, "A tag is empty or begins with U+001F; give it another name.")
        }
        guard (0...1).contains(jitter) else {
            throw CacheError(.invalidPolicy, "The jitter is \(jitter); give a share from 0 to 1.")
        }
    }

    private static func validate(
        _ duration: Duration,
        _ name: String,
        isPositive: Bool = false
    ) throws(CacheError) {
        guard duration >= .zero else {
            throw CacheError(.invalidPolicy, "The \(name) is negative (\(duration)); give zero or more.")
        }
        guard duration <= maximumDuration else {
            throw CacheError(
                .invalidPolicy,
                "The \(name) is longer than a hundred years (\(duration)); give CachePolicy.maximumDuration at most."
            )
        }
        guard duration > .zero || !isPositive else {
            throw CacheError(.invalidPolicy, "A \(name) of zero lets no load finish; give some seconds.")
        }
    }

    /// A duration, less a random part of it up to the jitter.
    func shortened(_ duration: Duration) -> Duration {
        guard jitter > 0 else { return duration }
        var generator = JitterGenerator()
        return duration * (1 - .random(in: 0...jitter, using: &generator))
    }
}
