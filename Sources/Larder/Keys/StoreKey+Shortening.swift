extension StoreKey {
    /// From how many bytes on, without those of the system and the namespace, a store sees a short form of a key.
    package static let longestInStore = 200

    /// How many bytes of a long key stay readable, at most; up to three fewer, so that no character is cut in two.
    private static let readableBytes = 128

    /// What stands between the readable part and the digest.
    ///
    /// In no key of an encoder does anything but a hexadecimal digit follow `%`.
    private static let mark = Array("%~".utf8)

    /// The key under which a store keeps what belongs to this one.
    ///
    /// It is this key itself unless it is long: more than 200 bytes behind the name of the namespace. Of a long key it is
    /// the beginning, `%~`, and the SHA-256 digest of all that is behind the namespace, 194 bytes at most.
    package var inStore: StoreKey {
        guard bytes.count > Self.longestInStore, let start = ownStart, bytes.count - start > Self.longestInStore else {
            return self
        }
        let own = bytes[start...]
        var end = start + Self.readableBytes
        while bytes[end] & 0xC0 == 0x80 { end -= 1 }
        if let escape = bytes[(end - 2)..<end].firstIndex(of: UInt8(ascii: "%")) { end = escape }
        return StoreKey(bytes: bytes[..<end] + Self.mark + SHA256.hexadecimalDigest(of: own))
    }

    /// The readable part of a short form, without system and namespace; `nil` if this is a key as it was.
    package var readablePart: ArraySlice<UInt8>? {
        let length = Self.mark.count + 64
        guard let start = ownStart, bytes.count - start > length else { return nil }
        let mark = bytes.count - length
        return bytes[mark...].starts(with: Self.mark) ? bytes[start..<mark] : nil
    }

    /// The beginning of all keys, short forms included, that begin with this one and the bytes of a pattern.
    package func listing(_ beginning: [UInt8]) -> StoreKey {
        StoreKey(bytes: bytes + beginning.prefix(Self.readableBytes - 3))
    }

    /// Where the part behind the system and the namespace begins.
    private var ownStart: Int? {
        let colon = UInt8(ascii: ":")
        guard let first = bytes.firstIndex(of: colon), let second = bytes[(first + 1)...].firstIndex(of: colon) else {
            return nil
        }
        return second + 1
    }
}
