import Larder

/// What the server holds under a key: a head of nine bytes, and the bytes of the entry.
///
/// | offset | size | what |
/// |---|---|---|
/// | 0 | 1 | `E` for an entry, `T` for a tombstone |
/// | 1 | 8 | the version, drawn at random for each write |
/// | 9 | | the bytes of the entry; none for a tombstone |
///
/// A version is never drawn twice, as far as 64 random bits can tell, so a write needs no look at the version before.
enum SlotContent {
    static let headSize = 9
    private static let entry = UInt8(ascii: "E")
    private static let tombstone = UInt8(ascii: "T")

    /// An entry with a new version.
    static func entry(_ bytes: [UInt8]) -> [UInt8] { content(entry, bytes) }

    /// A tombstone with a new version.
    static func makeTombstone() -> [UInt8] { content(tombstone, []) }

    /// The bytes by which the scripts compare a version.
    static func bytes(of version: StoreVersion) -> [UInt8] {
        withUnsafeBytes(of: version.bitPattern.littleEndian) { Array($0) }
    }

    /// Reads what the server holds; what was not written by a store counts as nothing.
    static func slot(_ content: [UInt8], life: Duration) -> StoreSlot {
        guard content.count >= headSize, content[0] == entry || content[0] == tombstone else { return .vacant }
        let pattern = content.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 1, as: UInt64.self) }
        let version = StoreVersion(bitPattern: UInt64(littleEndian: pattern))
        guard content[0] == entry else { return StoreSlot(value: nil, version: version) }
        let bytes = Array(content[headSize...])
        return StoreSlot(value: StoredValue(bytes: bytes, remainingLife: life), version: version)
    }

    private static func content(_ kind: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        let version = UInt64.random(in: 1...UInt64.max).littleEndian
        return [UInt8](unsafeUninitializedCapacity: headSize + bytes.count) { content, count in
            content.initializeElement(at: 0, to: kind)
            let rest = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: content[1...]))
            rest.storeBytes(of: version, as: UInt64.self)
            UnsafeMutableRawBufferPointer(rebasing: rest[8...]).copyBytes(from: bytes)
            count = headSize + bytes.count
        }
    }
}
