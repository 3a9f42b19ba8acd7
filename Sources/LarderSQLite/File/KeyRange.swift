import Larder

/// The keys from a lower bound, up to but without an upper bound, in the order of their bytes.
struct KeyRange: Sendable {
    /// The first key that may be in the range.
    var lowerBound: [UInt8]

    /// The first key after the range, or `nil` if the range has no end.
    var upperBound: [UInt8]?

    /// The keys that start with a prefix and come after another key.
    init(prefix: StoreKey, after key: StoreKey? = nil) {
        lowerBound = prefix.bytes
        // No key comes between a key and the same key with a zero byte at its end.
        if let key, key >= prefix { lowerBound = key.bytes + [0] }
        upperBound = Self.successor(of: prefix.bytes)
    }

    /// The first bytes after all those that start with a prefix; nothing comes after a prefix of 0xFF alone.
    private static func successor(of prefix: [UInt8]) -> [UInt8]? {
        var bytes = prefix
        while let last = bytes.popLast() {
            if last < 0xFF { return bytes + [last + 1] }
        }
        return nil
    }
}
