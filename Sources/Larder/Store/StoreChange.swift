/// What a store tells of changes that other programs make to its entries without a cache; see
/// ``RemoteStore/foreignChanges``.
public enum StoreChange: Hashable, Sendable {
    /// Some keys were written, removed, or have reached their end.
    case keys([StoreKey])

    /// Anything may have been changed, and from here on changes may go unnoticed.
    case unobserved

    /// Anything may have been changed, and from here on each change is told.
    case observed
}
