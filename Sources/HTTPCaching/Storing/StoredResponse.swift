public import HTTPTypes

/// A response as a cache keeps it, without its body: its head, and what the rules read from it once.
public struct StoredResponse: Sendable {
    /// Status and fields, without those that concern one connection alone, and without `Age`.
    public internal(set) var response: HTTPResponse

    /// Which requests it answers, besides those for its URL.
    public internal(set) var variant: Variant

    /// How many bytes the body has; `nil` while it is still arriving.
    public var bodyLength: Int?

    /// The groups of `Cache-Groups` that it belongs to, RFC 9875.
    public internal(set) var groups: [String]

    /// How long it is fresh, counted from when it was made.
    public internal(set) var lifetime: Duration

    /// How old it was when it arrived.
    public internal(set) var initialAge: Duration

    /// When it arrived.
    public internal(set) var receivedAt: HTTPMoment

    /// How long it may be used stale while it is fetched anew.
    public internal(set) var staleWhileRevalidate: Duration

    /// How long it may be used stale while the origin fails.
    public internal(set) var staleIfError: Duration

    /// Whether it must be validated before each use.
    public internal(set) var needsValidation: Bool

    /// Whether nobody may have it stale, not even who asks for that.
    public internal(set) var forbidsStale: Bool

    /// Its `ETag` as it came.
    var entityTag: String? { response.headerFields[.eTag] }

    /// Its `Last-Modified` as it came.
    var lastModified: String? { response.headerFields[.lastModified] }

    /// Whether the origin can be asked if it still holds.
    public var hasValidator: Bool {
        response.headerFields.contains(.eTag) || response.headerFields.contains(.lastModified)
    }

    /// How old it is, RFC 9111, section 4.2.3.
    ///
    /// - Parameter now: The moment.
    /// - Returns: Its age, at least zero.
    public func age(at now: HTTPMoment) -> Duration {
        initialAge + max(.zero, now.uptime - receivedAt.uptime)
    }

    /// How long it stays fresh; negative for how long it has been stale.
    ///
    /// - Parameter now: The moment.
    /// - Returns: The rest of its life.
    public func freshness(at now: HTTPMoment) -> Duration { lifetime - age(at: now) }

    /// Whether it answers who asks for it next, without a question to the origin.
    ///
    /// - Parameter now: The moment.
    /// - Returns: Whether it is fresh and needs no validation.
    public func answersOthers(at now: HTTPMoment) -> Bool { !needsValidation && freshness(at: now) > .zero }

    /// How long it is worth keeping: until it can no longer be served, fresh or stale.
    ///
    /// - Parameter grace: How long a stale response is kept that can be validated.
    /// - Returns: The time, counted from when it arrived.
    public func usefulLife(keepingValidators grace: Duration) -> Duration {
        let stale = max(staleWhileRevalidate, staleIfError, hasValidator ? grace : .zero)
        return max(.zero, lifetime - initialAge) + stale
    }

    /// Marks it stale as of now, as a soft purge does: it may still be served while it is fetched anew.
    ///
    /// - Parameter now: The moment.
    public mutating func expire(at now: HTTPMoment) {
        lifetime = min(lifetime, age(at: now))
    }
}
