public import HTTPTypes

/// What to do with a request.
public enum CacheDecision: Sendable {
    /// Answer it from the cache.
    case answer(CachedAnswer)

    /// Answer it from the cache, with what is stale, and fetch the response anew behind its back.
    case answerAndRevalidate(CachedAnswer, Forwarding)

    /// Ask the origin.
    case forward(Forwarding)

    /// Answer that nothing is stored, since the client wants nothing else: 504.
    case answerNotStored
}

/// An answer from the cache.
public struct CachedAnswer: Sendable {
    /// Which part of a stored body an answer has.
    public enum Body: Hashable, Sendable {
        /// All of it.
        case whole
        /// None of it: an answer to `HEAD`, or one without a body.
        case none
        /// These bytes.
        case range(Range<Int>)
    }

    /// Which of the stored responses it was made of, by its index.
    public var index: Int
    /// Status and fields without `Age`.
    package var unaged: HTTPResponse
    /// How old the response is, in seconds.
    package var age: Int64
    /// What of the stored body belongs to it.
    public var body: Body
    /// How long the response stays fresh; negative for how long it has been stale.
    public var freshness: Duration

    /// Status and fields, `Age` among them.
    ///
    /// - Complexity: O(fields).
    public var response: HTTPResponse {
        var response = unaged
        response.headerFields.append(HTTPField(name: .age, value: String(age)))
        return response
    }
}

/// A request to forward, and what the cache has to remember until it is answered.
public struct Forwarding: Sendable {
    /// Why a request is forwarded, in the words of RFC 9211, section 2.2.
    public enum Reason: String, Hashable, Sendable {
        /// The cache was told not to handle it.
        case bypass
        /// Its method is one that changes things, or is unknown.
        case method
        /// Nothing is stored under its URL.
        case uriMiss = "uri-miss"
        /// What is stored under its URL answers other requests.
        case varyMiss = "vary-miss"
        /// The client wants it fresher.
        case request
        /// What is stored is stale.
        case stale
        /// It asks for a part of what is not stored.
        case partial
    }

    /// Why it is forwarded.
    public var reason: Reason
    /// The request as the client sent it.
    public var original: HTTPRequest
    /// The request for the origin: without fields of one connection, and with the cache's own questions.
    public var request: HTTPRequest
    /// The stored response that it asks about or that may stand in for a failure, and its index.
    public var stored: (index: Int, response: StoredResponse)?
    /// Whether the cache asks if the stored response still holds.
    public var isValidation = false
    /// When it was decided.
    public var decidedAt: HTTPMoment

    /// Whether others who ask the same may wait for this answer: it will be the whole of the response.
    ///
    /// A client that wants it fresher than others do would wait in vain.
    public var isShareable: Bool {
        original.method == .get && reason != .request && (isValidation || !SharedCache.isConditional(original))
            && !request.headerFields.contains(.range) && !original.headerFields.contains(.authorization)
    }
}
