public import HTTPCaching

/// The settings of a response cache.
public struct ResponseCacheConfiguration: Sendable {
    /// The rules of caching: by default there are no heuristics, and nothing with `Set-Cookie` is stored.
    public var rules = SharedCache.Configuration()

    /// How many bytes all stored responses may take.
    public var capacity = 64 << 20

    /// The largest body that is stored, in bytes; larger ones are passed on as they come, never held whole.
    public var maximumStoredBody = 4 << 20

    /// The largest body that is collected before it is sent, in bytes, so that it can have an entity tag.
    ///
    /// A body of unknown length is never collected.
    public var maximumCollectedBody = 256 << 10

    /// Whether a response without `ETag` gets one, made of its bytes, if it is collected.
    ///
    /// Clients that have it already are answered with 304.
    public var makesEntityTags = true

    /// How long a stale response is kept that the handler can confirm.
    public var validatorGrace: Duration = .seconds(3_600)

    /// Whether clients get the fields that carry tags; a CDN in front of the application needs them.
    public var showsTags = true

    /// The name of the cache in `Cache-Status`, RFC 9211; `nil` to say nothing.
    public var name: String? = "larder"

    /// The default settings.
    public init() {}
}
