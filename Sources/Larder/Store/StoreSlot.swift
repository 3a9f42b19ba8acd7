/// What a store holds under one key: an entry, a tombstone, or nothing.
public struct StoreSlot: Hashable, Sendable {
    /// The entry, or `nil` for a tombstone and for nothing.
    public var value: StoredValue?

    /// What tells this content of the key from all others; ``StoreVersion/vacant`` for nothing.
    public var version: StoreVersion

    /// Makes a slot.
    ///
    /// - Parameters:
    ///   - value: The entry, or `nil` for a tombstone.
    ///   - version: What tells this content of the key from all others.
    public init(value: StoredValue?, version: StoreVersion) {
        self.value = value
        self.version = version
    }

    /// A key that holds nothing.
    public static let vacant = StoreSlot(value: nil, version: .vacant)

    /// Whether the key holds a tombstone: no value, but a version.
    public var isTombstone: Bool { value == nil && version != .vacant }
}
