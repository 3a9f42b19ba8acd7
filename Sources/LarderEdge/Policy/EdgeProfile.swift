import HTTPCaching
public import HTTPTypes

/// What the caches at the edge read.
public struct EdgeProfile: Hashable, Sendable {
    /// The tags; `nil` for an edge that knows none.
    public var tags: TagRules?
    /// The targeted fields that tell the edge apart from browsers, RFC 9213.
    public var targetedFields: [HTTPField.Name]
    /// Whether the edge reads `Surrogate-Control`, as Fastly does.
    public var readsSurrogateControl: Bool

    /// Makes a profile.
    ///
    /// - Parameters:
    ///   - tags: The tags; `nil` for an edge that knows none.
    ///   - targetedFields: The targeted fields that tell the edge apart from browsers; without any, `s-maxage` does.
    ///   - readsSurrogateControl: Whether the edge reads `Surrogate-Control`.
    public init(tags: TagRules?, targetedFields: [HTTPField.Name] = [], readsSurrogateControl: Bool = false) {
        self.tags = tags
        self.targetedFields = targetedFields
        self.readsSurrogateControl = readsSurrogateControl
    }

    /// `larder edge`, which reads all that the standards have.
    public static let larder = EdgeProfile(tags: .varnish, targetedFields: [.cdnCacheControl])
    /// Varnish, which reads `s-maxage`.
    public static let varnish = EdgeProfile(tags: .varnish)
    /// nginx, which reads `s-maxage`.
    public static let nginx = EdgeProfile(tags: nil)
    /// Fastly.
    public static let fastly = EdgeProfile(tags: .fastly, readsSurrogateControl: true)
    /// Cloudflare, whose own field comes before that of all CDNs.
    public static let cloudflare = EdgeProfile(
        tags: .cloudflare,
        targetedFields: HTTPField.Name("Cloudflare-CDN-Cache-Control").map { [$0] } ?? [.cdnCacheControl]
    )
    /// CloudFront, which reads `s-maxage`.
    public static let cloudFront = EdgeProfile(tags: .cloudFront)
    /// Akamai, whose own field comes before that of all CDNs.
    public static let akamai = EdgeProfile(
        tags: .akamai,
        targetedFields: HTTPField.Name("Akamai-Cache-Control").map { [$0] } ?? [.cdnCacheControl]
    )
    /// Bunny, which reads `s-maxage`.
    public static let bunny = EdgeProfile(tags: .bunny)
}
