/// How a vendor wants tags: its alphabet and its limits.
///
/// A tag has one form for a vendor, in responses as in purges. What the vendor cannot take is hashed, so that two tags
/// may become one and purge too much, but never too little.
public struct TagRules: Hashable, Sendable {
    /// The field that carries tags in responses.
    public var field: String
    /// What stands between two tags.
    public var separator: String
    /// Which characters a tag may have, besides letters, digits, `-` and `_`.
    public var punctuation: String
    /// Whether tags that differ in case alone differ.
    public var isCaseSensitive: Bool
    /// How many bytes a tag may have.
    public var maximumTagBytes: Int
    /// How many tags a response may have.
    public var maximumTags: Int
    /// How many bytes all tags of a response may have, with what stands between them.
    public var maximumFieldBytes: Int

    /// Makes rules.
    ///
    /// - Parameters:
    ///   - field: The field that carries tags in responses.
    ///   - separator: What stands between two tags.
    ///   - punctuation: Which characters a tag may have, besides letters, digits, `-` and `_`.
    ///   - isCaseSensitive: Whether tags that differ in case alone differ.
    ///   - maximumTagBytes: How many bytes a tag may have, at least 16.
    ///   - maximumTags: How many tags a response may have, at least 1.
    ///   - maximumFieldBytes: How many bytes all tags of a response may have, at least 16.
    public init(
        field: String,
        separator: String,
        punctuation: String,
        isCaseSensitive: Bool,
        maximumTagBytes: Int,
        maximumTags: Int,
        maximumFieldBytes: Int
    ) {
        self.field = field
        self.separator = separator
        self.punctuation = punctuation
        self.isCaseSensitive = isCaseSensitive
        self.maximumTagBytes = maximumTagBytes
        self.maximumTags = maximumTags
        self.maximumFieldBytes = maximumFieldBytes
    }
}

extension TagRules {
    /// Varnish with xkey.
    ///
    /// A field beyond 8 KiB makes it answer 503.
    public static let varnish = TagRules(
        field: "xkey",
        separator: " ",
        punctuation: ":./",
        isCaseSensitive: true,
        maximumTagBytes: 256,
        maximumTags: 1_000,
        maximumFieldBytes: 4_096
    )
    /// Fastly, which drops the key that crosses a limit, and all after it.
    public static let fastly = TagRules(
        field: "Surrogate-Key",
        separator: " ",
        punctuation: ":./~",
        isCaseSensitive: true,
        maximumTagBytes: 1_024,
        maximumTags: 1_000,
        maximumFieldBytes: 8_192
    )
    /// Cloudflare, to which case does not matter.
    public static let cloudflare = TagRules(
        field: "Cache-Tag",
        separator: ",",
        punctuation: ":./",
        isCaseSensitive: false,
        maximumTagBytes: 1_024,
        maximumTags: 1_000,
        maximumFieldBytes: 8_192
    )
    /// CloudFront, whose field is the one that the distribution's cache tag configuration names.
    public static let cloudFront = TagRules(
        field: "Cache-Tag",
        separator: ",",
        punctuation: ":./",
        isCaseSensitive: false,
        maximumTagBytes: 256,
        maximumTags: 50,
        maximumFieldBytes: 8_192
    )
    /// Akamai, which takes no colons.
    public static let akamai = TagRules(
        field: "Edge-Cache-Tag",
        separator: ",",
        punctuation: "./~",
        isCaseSensitive: true,
        maximumTagBytes: 128,
        maximumTags: 128,
        maximumFieldBytes: 8_192
    )
    /// Bunny, whose field has 1 KiB at most.
    public static let bunny = TagRules(
        field: "CDN-Tag",
        separator: ",",
        punctuation: "",
        isCaseSensitive: true,
        maximumTagBytes: 128,
        maximumTags: 1_000,
        maximumFieldBytes: 1_024
    )
}
