/// What a pending write becomes in a journal: a fixed head, and the value.
///
/// All numbers are little-endian.
///
/// | offset | size | what |
/// |---|---|---|
/// | 0 | 2 | `LJ` |
/// | 2 | 1 | version of the format, 2 |
/// | 3 | 1 | 1 put, 2 delete, 3 merge |
/// | 4 | 2 | version of the value's schema |
/// | 6 | 2 | number of the codec |
/// | 8 | 2 | number of the encryption key, 0 if not encrypted |
/// | 10 | 2 | 0 |
/// | 12 | 4 | CRC-32C of the number of the record, of its key, of bytes 0 to 11, and of the value's bytes |
/// | 16 | | the value's bytes, none for a delete |
package struct JournalBody: Hashable, Sendable {
    package enum Kind: UInt8, Sendable {
        case put = 1
        case delete = 2
        case merge = 3
    }

    package static let headSize = 16
    private static let version: UInt8 = 2

    package var kind: Kind
    package var schemaVersion: UInt16
    package var codec: UInt16
    package var encryptionKey: UInt16 = 0
    package var value: [UInt8]

    package init(kind: Kind, schemaVersion: UInt16, codec: UInt16 = 0, value: [UInt8]) {
        self.kind = kind
        self.schemaVersion = schemaVersion
        self.codec = codec
        self.value = value
    }

    /// What an encrypted value is bound to beside its key: all of the head but its checksum.
    ///
    /// The number of the record is not known yet when the value is encrypted, and changes when a dead letter is replayed.
    package var bound: [UInt8] {
        var bytes: [UInt8] = [UInt8(ascii: "L"), UInt8(ascii: "J"), Self.version, kind.rawValue]
        for number in [schemaVersion, codec, encryptionKey, 0] { bytes.append(number) }
        return bytes
    }

    /// Writes the body of a record.
    package func encode(sequence: UInt64, storeKey: StoreKey) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.headSize + value.count)
        bytes.append(contentsOf: bound)
        bytes.append(UInt32(0))
        bytes.append(contentsOf: value)
        let checksum = Self.checksum(of: bytes.span.bytes, sequence: sequence, storeKey: storeKey)
        for byte in 0..<4 { bytes[12 + byte] = UInt8(truncatingIfNeeded: checksum >> UInt32(byte * 8)) }
        return bytes
    }

    /// Reads and checks the body of a record.
    ///
    /// - Throws: ``InvalidBytes`` with the reason why these bytes cannot be used.
    package init(_ bytes: RawSpan, sequence: UInt64, storeKey: StoreKey) throws(InvalidBytes) {
        guard bytes.byteCount >= Self.headSize else { throw InvalidBytes("truncated record") }
        guard bytes.unsafeLoad(fromByteOffset: 0, as: UInt8.self) == UInt8(ascii: "L"),
            bytes.unsafeLoad(fromByteOffset: 1, as: UInt8.self) == UInt8(ascii: "J")
        else { throw InvalidBytes("not a record") }
        guard bytes.unsafeLoad(fromByteOffset: 2, as: UInt8.self) == Self.version else {
            throw InvalidBytes("unknown version of a record")
        }
        let checksum = UInt32(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: 12, as: UInt32.self))
        guard checksum == Self.checksum(of: bytes, sequence: sequence, storeKey: storeKey) else {
            throw InvalidBytes("wrong checksum")
        }
        guard let kind = Kind(rawValue: bytes.unsafeLoad(fromByteOffset: 3, as: UInt8.self)) else {
            throw InvalidBytes("unknown kind of write")
        }
        self.kind = kind
        schemaVersion = bytes.load(4, as: UInt16.self)
        codec = bytes.load(6, as: UInt16.self)
        encryptionKey = bytes.load(8, as: UInt16.self)
        value = bytes.extracting(Self.headSize..<bytes.byteCount).withUnsafeBytes { Array($0) }
    }

    private static func checksum(of bytes: RawSpan, sequence: UInt64, storeKey: StoreKey) -> UInt32 {
        var checksum = Checksum()
        var number: [UInt8] = []
        Swift.withUnsafeBytes(of: sequence.littleEndian) { number.append(contentsOf: $0) }
        checksum.update(number.span.bytes)
        checksum.update(storeKey.bytes.span.bytes)
        checksum.update(bytes.extracting(0..<12))
        checksum.update(bytes.extracting(headSize..<bytes.byteCount))
        return checksum.value
    }
}

extension JournalRecord {
    /// Whether the body belongs to the number and the key, byte for byte.
    package var isIntact: Bool {
        (try? JournalBody(body.span.bytes, sequence: sequence, storeKey: key)) != nil
    }
}

extension DeadLetter {
    /// Whether the body belongs to the number and the key, byte for byte.
    package var isIntact: Bool {
        (try? JournalBody(body.span.bytes, sequence: number, storeKey: key)) != nil
    }
}
