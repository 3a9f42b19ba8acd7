public import HTTPCaching

/// What is known of the entries that a response was made of.
public struct EdgeEntry: Hashable, Sendable {
    /// How long the first of them to expire has still to live; `nil` for ever.
    public var remainingLife: Duration?
    /// How old the response is already, zero or more: 0 for one that was just made.
    public var age = Duration.zero
    /// The tags that purge it.
    public var tags: Set<String> = []
    /// Fewer tags that purge more, such as those of namespaces, for a response with too many tags.
    public var wideTags: Set<String> = []
    /// Its entity tag.
    public var entityTag: EntityTag?
    /// When it changed last.
    public var lastModified: HTTPDate?

    /// Makes an entry of which nothing is known.
    public init() {}
}
