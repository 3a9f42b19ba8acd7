/// What a request has changed, and so must be stored no longer, RFC 9111, section 4.4, and RFC 9875.
public struct ResourceInvalidation: Hashable, Sendable {
    /// The keys of resources, all stored responses of which go.
    public var keys: Set<ResourceKey> = []

    /// Groups of the origin, all responses of which go.
    public var groups: Set<String> = []

    /// Whether there is nothing to remove.
    public var isEmpty: Bool { keys.isEmpty && groups.isEmpty }
}
