/// Why an entry left a ``MemoryCache``.
public struct RemovalCause: Hashable, Sendable, CustomStringConvertible {
    private enum Wrapped: String {
        case removed
        case replaced
        case evicted
        case expired
        case invalidated
    }

    private let wrapped: Wrapped

    /// A caller removed it.
    public static let removed = RemovalCause(wrapped: .removed)
    /// A newer value took its place.
    public static let replaced = RemovalCause(wrapped: .replaced)
    /// It made room for others, or was too heavy.
    public static let evicted = RemovalCause(wrapped: .evicted)
    /// Its time to live ended.
    public static let expired = RemovalCause(wrapped: .expired)
    /// What it was made from has changed.
    public static let invalidated = RemovalCause(wrapped: .invalidated)

    /// The name of the cause.
    public var description: String { wrapped.rawValue }
}
