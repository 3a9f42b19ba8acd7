public import HTTPTypes

/// How long responses live in browsers and at the edge.
public struct EdgePolicy: Hashable, Sendable {
    /// Who may store a response.
    public enum Audience: Hashable, Sendable {
        /// Everybody.
        case everybody
        /// The browser of the user that it is for.
        case oneUser
        /// Nobody.
        case nobody
    }

    /// Who may store responses.
    public var audience = Audience.everybody
    /// How long browsers may use a response, zero or more; nobody can purge them.
    public var browserLifetime: Duration
    /// How long the edge may use a response, zero or more.
    ///
    /// It never outlives the entry that the response was made of.
    public var edgeLifetime: Duration
    /// How long the edge may use a stale response while it fetches a new one, RFC 5861.
    public var staleWhileRevalidate: Duration = .zero
    /// How long the edge may use a stale response while the origin fails, RFC 5861.
    public var staleIfError: Duration = .zero
    /// Whether a response under its URL never changes, RFC 8246.
    public var isImmutable = false
    /// The request fields that a response depends on.
    public var vary: [HTTPField.Name] = []

    /// Makes a policy.
    ///
    /// - Parameters:
    ///   - browserLifetime: How long browsers may use a response, zero or more.
    ///   - edgeLifetime: How long the edge may use a response, zero or more.
    ///   - staleWhileRevalidate: How long the edge may use a stale response while it fetches a new one.
    ///   - staleIfError: How long the edge may use a stale response while the origin fails.
    /// - Throws: ``EdgeError`` with the code `invalidConfiguration` for a duration below zero.
    public init(
        browserLifetime: Duration,
        edgeLifetime: Duration,
        staleWhileRevalidate: Duration = .zero,
        staleIfError: Duration = .zero
    ) throws(EdgeError) {
        guard min(browserLifetime, edgeLifetime, staleWhileRevalidate, staleIfError) >= .zero else {
            throw EdgeError(.invalidConfiguration, "The lifetimes of an edge policy have to be zero or more.")
        }
        self.browserLifetime = browserLifetime
        self.edgeLifetime = edgeLifetime
        self.staleWhileRevalidate = staleWhileRevalidate
        self.staleIfError = staleIfError
    }
}
