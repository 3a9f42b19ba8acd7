/// What became of the purges of one vendor.
public struct EdgePurgerStatistics: Hashable, Sendable {
    /// How many purges were accepted.
    public var purged = 0
    /// How many were accepted once more, for what was being fetched meanwhile.
    public var echoes = 0
    /// How many requests were sent.
    public var requests = 0
    /// How many requests failed and were repeated.
    public var retries = 0
    /// How many purges were refused and given up.
    public var rejected = 0
    /// How many purges wait.
    public var pending = 0
    /// How long the oldest of them has been waiting.
    public var lag = Duration.zero
    /// What went wrong last.
    public var lastError: String?
    /// Whether the oldest has been waiting for too long.
    public var isBehind = false
}

/// A change that somebody should know of.
public enum EdgeAlert: Hashable, Sendable {
    /// Purges of a vendor wait for longer than the limit.
    case behind(purger: String, lag: Duration, lastError: String?)
    /// They do no longer.
    case caughtUp(purger: String)
}
