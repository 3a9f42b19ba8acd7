/// What an entry becomes in L2: a fixed head, what few entries have beside their value, and the value's bytes.
///
/// All numbers are little-endian.
///
/// | offset | size | what |
/// |---|---|---|
/// | 0 | 2 | `LR` |
/// | 2 | 1 | version of the envelope, 1 |
/// | 3 | 1 | flags: bit 0 the value is absent; the others are 0 |
/// | 4 | 2 | version of the value's form, from the codec |
/// | 6 | 2 | length of the details |
/// | 8 | 8 | time to live in milliseconds |
/// | 16 | 8 | grace in milliseconds |
/// | 24 | 4 | CRC-32C of the key's bytes, then of bytes 0 to 23, then of all bytes from 28 |
/// | 28 | | the details, see ``EnvelopeDetails`` |
/// | | | the value's bytes, none if absent |
///
/// There is no moment in time in it. The store keeps an entry for its time to live and its grace together, by the
/// store's own clock; what is left of that tells how much of the time to live is left. The checksum covers the
/// key, so a value that was copied under another key is refused.
package struct Envelope: Hashable, Sendable {
    package static let headSize = 28
    private static let version: UInt8 = 1

    package var isAbsent: Bool
    package var formatVersion: UInt16
    package var timeToLive: Duration
    package var grace: Duration
    package var details: EnvelopeDetails

    /// Where the value's bytes begin.
    package private(set) var bodyOffset = headSize

    package init(
        isAbsent: Bool,
        formatVersion: UInt16,
        timeToLive: Duration,
        grace: Duration,
        details: EnvelopeDetails = EnvelopeDetails()
    ) {
        self.isAbsent = isAbsent
        self.formatVersion = formatVersion
        self.timeToLive = timeToLive
        self.grace = grace
        self.details = details
    }

    /// Writes an envelope in one buffer, to be stored under a key; `body` appends the value's bytes.
    package func encode(key: StoreKey, body: (inout [UInt8]) throws -> Void) throws -> [UInt8] {
        var buffer: [UInt8] = []
        buffer.reserveCapacity(Self.headSize + 256)
        buffer.append(contentsOf: [UInt8(ascii: "L"), UInt8(ascii: "R"), Self.version, isAbsent ? 1 : 0])
        buffer.append(formatVersion)
        let details = try details.encoded()
        buffer.append(UInt16(details.count))
        buffer.append(UInt64(clamping: timeToLive.wholeMilliseconds))
        buffer.append(UInt64(clamping: grace.wholeMilliseconds))
        buffer.append(UInt32(0))
        buffer.append(contentsOf: details)
        let head = buffer
        try body(&buffer)
        guard buffer.starts(with: head) else { throw InvalidBytes("the codec changed bytes that are not its own") }
        let checksum = Self.checksum(of: buffer.span.bytes, key: key)
        for byte in 0..<4 { buffer[24 + byte] = UInt8(truncatingIfNeeded: checksum >> UInt32(byte * 8)) }
        return buffer
    }

    /// Reads and checks the head of an envelope.
    ///
    /// The value's bytes follow at ``bodyOffset``.
    ///
    /// - Throws: ``InvalidBytes`` with the reason why these bytes cannot be used.
    package init(_ bytes: RawSpan, key: StoreKey, formatVersion: UInt16) throws(InvalidBytes) {
        try self.init(bytes, key: key)
        guard self.formatVersion == formatVersion else { throw InvalidBytes("other format version") }
    }

    /// Reads and checks the head of an envelope, whatever the version of its value's form.
    ///
    /// - Throws: ``InvalidBytes`` with the reason why these bytes cannot be used.
    package init(_ bytes: RawSpan, key: StoreKey) throws(InvalidBytes) {
        guard bytes.byteCount >= Self.headSize else { throw InvalidBytes("truncated envelope") }
        guard bytes.load(0, as: UInt8.self) == UInt8(ascii: "L"), bytes.load(1, as: UInt8.self) == UInt8(ascii: "R")
        else { throw InvalidBytes("not an envelope") }
        guard bytes.load(2, as: UInt8.self) == Self.version else { throw InvalidBytes("unknown envelope version") }
        guard bytes.load(24, as: UInt32.self) == Self.checksum(of: bytes, key: key) else {
            throw InvalidBytes("wrong checksum or key")
        }
        let flags = bytes.load(3, as: UInt8.self)
        guard flags & ~1 == 0 else { throw InvalidBytes("unknown flags") }
        self.isAbsent = flags & 1 == 1
        self.formatVersion = bytes.load(4, as: UInt16.self)
        self.timeToLive = .milliseconds(Int64(clamping: bytes.load(8, as: UInt64.self)))
        self.grace = .milliseconds(Int64(clamping: bytes.load(16, as: UInt64.self)))
        self.bodyOffset = Self.headSize + Int(bytes.load(6, as: UInt16.self))
        guard bodyOffset <= bytes.byteCount else { throw InvalidBytes("truncated envelope") }
        self.details = try EnvelopeDetails(bytes.extracting(Self.headSize..<bodyOffset))
    }

    private static func checksum(of bytes: RawSpan, key: StoreKey) -> UInt32 {
        var checksum = Checksum()
        checksum.update(key.bytes.span.bytes)
        checksum.update(bytes.extracting(0..<24))
        checksum.update(bytes.extracting(headSize..<bytes.byteCount))
        return checksum.value
    }
}

extension Array where Element == UInt8 {
    /// Appends a number, the least significant byte first.
    mutating func append(_ number: some FixedWidthInteger & UnsignedInteger) {
        Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
    }
}

extension RawSpan {
    /// Reads a number, the least significant byte first.
    func load<Number: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, as type: Number.Type) -> Number {
        Number(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: type))
    }
}
