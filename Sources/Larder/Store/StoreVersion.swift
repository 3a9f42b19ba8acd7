/// What tells one write of a key from all others, so that a later write can be made to depend on it.
///
/// A store gives each write and each tombstone a version that the same key never had before and never has again,
/// not even after an eviction, a removal, or a restart of the store. Versions are for comparing: they have no order.
public struct StoreVersion: Hashable, Sendable {
    /// The eight bytes of the version, as a number that only the store understands.
    public let bitPattern: UInt64

    /// Makes a version, which stores alone do.
    ///
    /// - Parameter bitPattern: Any number but 0, which stands for ``vacant``.
    public init(bitPattern: UInt64) {
        self.bitPattern = bitPattern
    }

    /// The version of a key that holds nothing: neither an entry nor a tombstone.
    ///
    /// It is the only version that comes back: a key that was vacant, then written, and then evicted or removed, is
    /// vacant again. Whoever removes a key because its value is no longer true uses ``RemoteStore/bury(_:for:)``.
    public static let vacant = StoreVersion(bitPattern: 0)
}

extension StoreVersion: CustomStringConvertible {
    /// The bytes in hexadecimal, for logs.
    public var description: String { self == .vacant ? "vacant" : String(bitPattern, radix: 16) }
}
