/// The name of an entry in an L2 store: the bytes of a namespace and a key in their stable form.
///
/// The cache builds it with ``CacheKeyEncoder``; a store treats it as opaque bytes that compare
/// lexicographically. The keys that a cache builds are UTF-8 text without ASCII control characters.
public struct StoreKey: Hashable, Sendable {
    /// The bytes of the key.
    public let bytes: [UInt8]

    /// Makes a key of raw bytes.
    ///
    /// - Parameter bytes: The bytes of the key.
    public init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Makes a key of the UTF-8 form of a text.
    ///
    /// - Parameter text: The text of the key, taken as it is.
    public init(_ text: some StringProtocol) {
        self.bytes = Array(text.utf8)
    }

    /// Whether this key starts with the bytes of another.
    ///
    /// - Parameter prefix: The bytes to look for. Each key starts with the empty prefix.
    /// - Returns: Whether the bytes of `prefix` begin this key.
    /// - Complexity: O(length of `prefix`).
    public func hasPrefix(_ prefix: StoreKey) -> Bool {
        bytes.starts(with: prefix.bytes)
    }
}

extension StoreKey: Comparable {
    /// Orders keys by their bytes, as unsigned numbers.
    public static func < (left: StoreKey, right: StoreKey) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

extension StoreKey: CustomStringConvertible {
    /// The bytes as UTF-8 text, for logs.
    public var description: String { String(decoding: bytes, as: UTF8.self) }
}
