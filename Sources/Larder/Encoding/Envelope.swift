/// What an entry becomes in L2: a head, what few entries have beside their value, and the value's bytes.
///
/// All numbers are little-endian; times are whole milliseconds.
///
/// | offset | size | what |
/// |---|---|---|
/// | 0 | 2 | `LR` |
/// | 2 | 1 | version of the envelope, 2 |
/// | 3 | 1 | flags: bit 0 the value is absent; bit 1 a log position follows the head; the others are 0 |
/// | 4 | 4 | CRC-32C of bytes 0 to 3, then of all bytes from 8 |
/// | 8 | 8 | digest of the key, ``StoreKey/digest`` |
/// | 16 | 8 | version of the entry, ``EntryVersion`` |
/// | 24 | 6 | time to live: the logical expiry |
/// | 30 | 6 | time to live and grace: the physical expiry |
/// | 36 | 4 | what the load took, in microseconds; 0 if there was none |
/// | 40 | 2 | version of the value's schema |
/// | 42 | 2 | number of the codec, ``CacheCodec/identifier`` |
/// | 44 | 2 | number of the encryption key, 0 if not encrypted |
/// | 46 | 2 | number of the compression dictionary, 0 for none |
/// | 48 | 1 | number of the compression, 0 if not compressed |
/// | 49 | 2 | length of the details |
/// | 51 | 4 | length of the contents: of all that follows the head and the log position |
/// | 55 | 16 | where in the invalidation log the load began, epoch and offset; only with flag bit 1 |
/// | | | the contents: the details, see ``EnvelopeDetails``, and the value's bytes, none if absent |
///
/// The value's bytes are compressed first; then details and value together are encrypted.
///
/// There is no moment in it that decides anything. The store keeps an entry for its physical life, by the store's own
/// clock; what is left of that tells how old the entry is and how much of its time to live is left.
package struct Envelope: Hashable, Sendable {
    /// The size of the head without a log position.
    package static let headSize = 55
    private static let positionSize = 16
    private static let formatVersion: UInt8 = 2

    package var isAbsent: Bool
    package var version: UInt64
    package var timeToLive: Duration
    package var grace: Duration
    package var loadCost: Duration = .zero
    package var position: LogPosition?
    package var schemaVersion: UInt16
    package var codec: UInt16
    package var encryptionKey: UInt16 = 0
    package var compression: UInt8 = 0
    package var dictionary: UInt16 = 0

    /// How long the details are, before encryption.
    package var detailsLength = 0

    package init(
        isAbsent: Bool,
        version: UInt64,
        timeToLive: Duration,
        grace: Duration,
        position: LogPosition? = nil,
        schemaVersion: UInt16,
        codec: UInt16
    ) {
        self.isAbsent = isAbsent
        self.version = version
        self.timeToLive = timeToLive
        self.grace = grace
        self.position = position
        self.schemaVersion = schemaVersion
        self.codec = codec
    }

    /// Where the contents begin.
    package var contentsOffset: Int { Self.headSize + (position == nil ? 0 : Self.positionSize) }

    // MARK: Writing

    /// Writes the head into a buffer that has room for it at its start, and all contents behind that.
    ///
    /// ``close(_:)`` makes the envelope complete.
    package func write(into buffer: inout [UInt8], key: StoreKey) throws(InvalidBytes) {
        try write(into: &buffer, key: key, contentsLength: buffer.count - contentsOffset)
    }

    /// The same for contents that will have another length once they are encrypted.
    package func write(into buffer: inout [UInt8], key: StoreKey, contentsLength: Int) throws(InvalidBytes) {
        guard let contentsLength = UInt32(exactly: contentsLength) else {
            throw InvalidBytes("a value of four gibibytes or more")
        }
        buffer.withUnsafeMutableBytes { head in
            head[0] = UInt8(ascii: "L")
            head[1] = UInt8(ascii: "R")
            head[2] = Self.formatVersion
            head[3] = flags
            head.store(UInt32(0), at: 4)
            head.store(key.digest, at: 8)
            head.store(version, at: 16)
            head.store(milliseconds: timeToLive, at: 24)
            head.store(milliseconds: timeToLive + grace, at: 30)
            head.store(UInt32(clamping: loadCost.wholeMicroseconds), at: 36)
            head.store(schemaVersion, at: 40)
            head.store(codec, at: 42)
            head.store(encryptionKey, at: 44)
            head.store(dictionary, at: 46)
            head[48] = compression
            head.store(UInt16(detailsLength), at: 49)
            head.store(contentsLength, at: 51)
            if let position {
                head.store(position.epoch, at: Self.headSize)
                head.store(position.offset, at: Self.headSize + 8)
            }
        }
    }

    private var flags: UInt8 { (isAbsent ? 1 : 0) | (position == nil ? 0 : 2) }

    /// Writes the checksum into an envelope that is complete otherwise.
    package static func close(_ bytes: inout [UInt8]) {
        let checksum = checksum(of: bytes.span.bytes)
        for byte in 0..<4 { bytes[4 + byte] = UInt8(truncatingIfNeeded: checksum >> UInt32(byte * 8)) }
    }

    /// What encrypted contents are bound to beside their key: all of the head but the checksum.
    func bound(in bytes: RawSpan) -> [UInt8] {
        var bound: [UInt8] = []
        bound.reserveCapacity(contentsOffset + 128)
        bytes.extracting(0..<4).withUnsafeBytes { bound.append(contentsOf: $0) }
        bytes.extracting(8..<contentsOffset).withUnsafeBytes { bound.append(contentsOf: $0) }
        return bound
    }

    private static func checksum(of bytes: RawSpan) -> UInt32 {
        var checksum = Checksum()
        checksum.update(bytes.extracting(0..<4))
        checksum.update(bytes.extracting(8..<bytes.byteCount))
        return checksum.value
    }

    // MARK: Reading

    /// Reads and checks the head of an envelope, where it lies.
    ///
    /// The contents follow at ``contentsOffset``.
    ///
    /// - Throws: ``InvalidBytes`` with the reason why these bytes cannot be used.
    package init(_ bytes: RawSpan, key: StoreKey) throws(InvalidBytes) {
        guard bytes.byteCount >= Self.headSize else { throw InvalidBytes("truncated envelope") }
        guard bytes.load(0, as: UInt8.self) == UInt8(ascii: "L"), bytes.load(1, as: UInt8.self) == UInt8(ascii: "R")
        else { throw InvalidBytes("not an envelope") }
        guard bytes.load(2, as: UInt8.self) == Self.formatVersion else {
            throw InvalidBytes("unknown envelope version")
        }
        guard bytes.load(4, as: UInt32.self) == Self.checksum(of: bytes) else { throw InvalidBytes("damaged envelope") }
        guard bytes.load(8, as: UInt64.self) == key.digest else { throw InvalidBytes("entry of another key") }
        let flags = bytes.load(3, as: UInt8.self)
        guard flags & ~3 == 0 else { throw InvalidBytes("unknown flags") }
        self.init(
            isAbsent: flags & 1 != 0,
            version: bytes.load(16, as: UInt64.self),
            timeToLive: bytes.milliseconds(24),
            grace: bytes.milliseconds(30) - bytes.milliseconds(24),
            schemaVersion: bytes.load(40, as: UInt16.self),
            codec: bytes.load(42, as: UInt16.self)
        )
        loadCost = .microseconds(Int64(bytes.load(36, as: UInt32.self)))
        encryptionKey = bytes.load(44, as: UInt16.self)
        dictionary = bytes.load(46, as: UInt16.self)
        compression = bytes.load(48, as: UInt8.self)
        detailsLength = Int(bytes.load(49, as: UInt16.self))
        if flags & 2 != 0 {
            guard bytes.byteCount >= Self.headSize + Self.positionSize else { throw InvalidBytes("truncated envelope") }
            position = LogPosition(
                epoch: bytes.load(Self.headSize, as: UInt64.self),
                offset: bytes.load(Self.headSize + 8, as: UInt64.self)
            )
        }
        let contentsLength = bytes.byteCount - contentsOffset
        guard Int(bytes.load(51, as: UInt32.self)) == contentsLength, detailsLength <= contentsLength else {
            throw InvalidBytes("truncated envelope")
        }
        guard grace >= .zero else { throw InvalidBytes("an envelope whose life ends before its time to live") }
    }
}

extension [UInt8] {
    /// Appends a number, the least significant byte first.
    mutating func append(_ number: some FixedWidthInteger & UnsignedInteger) {
        Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
    }
}

extension UnsafeMutableRawBufferPointer {
    fileprivate func store(_ number: some FixedWidthInteger & UnsignedInteger & BitwiseCopyable, at offset: Int) {
        storeBytes(of: number.littleEndian, toByteOffset: offset, as: type(of: number))
    }

    /// Stores a duration in six bytes, which hold eight thousand years.
    fileprivate func store(milliseconds duration: Duration, at offset: Int) {
        let number = UInt64(clamping: duration.wholeMilliseconds)
        store(UInt32(truncatingIfNeeded: number), at: offset)
        store(UInt16(clamping: number >> 32), at: offset + 4)
    }
}

extension RawSpan {
    /// Reads a number, the least significant byte first.
    func load<Number: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, as type: Number.Type) -> Number {
        Number(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: type))
    }

    fileprivate func milliseconds(_ offset: Int) -> Duration {
        let low = Int64(load(offset, as: UInt32.self))
        return .milliseconds(Int64(load(offset + 4, as: UInt16.self)) << 32 | low)
    }
}
