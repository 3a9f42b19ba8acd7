/// A write that only counts if the key still holds what it held when the load of the value began, or nothing.
public struct StoreFill: Hashable, Sendable {
    /// What to write.
    public var write: StoreWrite

    /// The version that the key must still have if it holds something, as a read has told it before the load began.
    public var version: StoreVersion

    /// Makes a fill.
    ///
    /// - Parameters:
    ///   - write: What to write.
    ///   - version: The version that the key must still have.
    public init(_ write: StoreWrite, over version: StoreVersion) {
        self.write = write
        self.version = version
    }
}
