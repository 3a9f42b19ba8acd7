public import HTTPTypes

/// The rules of a shared cache of HTTP, RFC 9111: values in, decisions out.
///
/// It does no input or output, keeps no state and reads no clock. Whoever serves requests asks ``decision(for:among:at:)``
/// what to do with one, forwards it if so told, and asks ``outcome(of:to:at:)`` what to do with the answer.
public struct SharedCache: Sendable {
    /// When a response with `Set-Cookie` may be stored.
    public enum SetCookieRule: Hashable, Sendable {
        /// Never: the cookie of one user must not reach another.
        case never
        /// If the origin says itself how long the response is fresh, as RFC 9111 has it.
        case withExplicitLifetime
    }

    /// The settings of a cache.
    public struct Configuration: Sendable {
        /// The targeted fields of RFC 9213 that the cache obeys, the most specific first.
        public var targetedFields: [HTTPField.Name] = [.cdnCacheControl]

        /// The part of the time since `Last-Modified` for which a response is fresh that says nothing else, from 0 to 1.
        ///
        /// 0 means that there are no heuristics. Section 4.2.2 of RFC 9111 names 0.1 as typical.
        public var heuristicFraction = 0.0

        /// The longest lifetime that the cache finds by itself.
        public var heuristicLimit: Duration = .seconds(86_400)

        /// How long a stale response may be used while the origin fails, where the response says nothing of it and does
        /// not forbid it.
        public var staleIfError: Duration = .zero

        /// When a response with `Set-Cookie` may be stored.
        public var setCookie = SetCookieRule.never

        /// Whether requests may ask for fresher responses, or for staler ones, than the cache would give.
        ///
        /// Without, a
        /// client cannot make the origin work by asking; `only-if-cached` and `no-store` count all the same.
        public var obeysRequests = true

        /// The default settings.
        public init() {}
    }

    /// The settings.
    public let configuration: Configuration

    /// Makes the rules.
    ///
    /// - Parameter configuration: The settings.
    public init(_ configuration: Configuration = Configuration()) {
        self.configuration = configuration
    }
}
