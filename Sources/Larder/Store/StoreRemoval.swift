/// A removal that only counts if the key still holds what was read.
public struct StoreRemoval: Hashable, Sendable {
    /// The key of the entry.
    public var key: StoreKey

    /// The version that the key must still have, as a read has told it.
    public var version: StoreVersion

    /// Makes a removal.
    ///
    /// - Parameters:
    ///   - key: The key of the entry.
    ///   - version: The version that the key must still have.
    public init(_ key: StoreKey, at version: StoreVersion) {
        self.key = key
        self.version = version
    }
}
