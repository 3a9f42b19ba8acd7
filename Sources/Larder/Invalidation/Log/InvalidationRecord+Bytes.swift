/// The form in which a log keeps a record.
///
/// All numbers are little-endian.
///
/// | size | what |
/// |---|---|
/// | 1 | version of the form, 1 |
/// | 1 | what is touched: 0 keys, 1 tags, 2 a pattern, 3 everything; and bit 7 for soft |
/// | 2 | length of the namespace |
/// | 4 | number of keys, tags or patterns |
/// | | the namespace in UTF-8 |
/// | | each key, tag or pattern: 4 bytes for its length, and its bytes |
/// | 4 | CRC-32C of all before |
extension InvalidationRecord {
    /// The most bytes that a record takes in a log.
    public static let maximumBytes = 1 << 20

    private static let formatVersion: UInt8 = 1
    private static let headSize = 8
    private static let softBit: UInt8 = 0x80

    /// The record in the form of the log.
    ///
    /// - Returns: At most ``maximumBytes``.
    /// - Throws: ``CacheError`` with the code `invalidInvalidation` if it takes more.
    public func encoded() throws(CacheError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(try encodedSize())
        let (kind, items) = parts
        let name = Array(namespace.utf8)
        bytes.append(Self.formatVersion)
        bytes.append(kind | (isSoft ? Self.softBit : 0))
        bytes.append(littleEndian: UInt16(name.count))
        bytes.append(littleEndian: UInt32(items.count))
        bytes += name
        for item in items {
            bytes.append(littleEndian: UInt32(item.count))
            bytes += item
        }
        bytes.append(littleEndian: Self.checksum(of: bytes[...]))
        return bytes
    }

    /// How many bytes the record takes in a log.
    ///
    /// - Returns: At most ``maximumBytes``.
    /// - Throws: ``CacheError`` with the code `invalidInvalidation` if it takes more.
    public func encodedSize() throws(CacheError) -> Int {
        var size = Self.headSize + namespace.utf8.count + 4
        switch target {
        case .keys(let keys): size += keys.reduce(0) { $0 + 4 + $1.bytes.count }
        case .tags(let tags): size += tags.reduce(0) { $0 + 4 + $1.utf8.count }
        case .pattern(let pattern): size += 4 + pattern.text.utf8.count
        case .everything: break
        }
        guard size <= Self.maximumBytes, namespace.utf8.count <= UInt16.max else {
            throw CacheError(
                .invalidInvalidation,
                "An invalidation in \"\(namespace.prefix(128))\" takes \(size) bytes; split it below 1 MiB."
            )
        }
        return size
    }

    /// Reads a record from the form of the log.
    ///
    /// - Parameter bytes: What a log has kept.
    /// - Throws: ``InvalidBytes`` for anything that ``encoded()`` has not written. A reader cannot know what such a
    ///   record touched, and takes it for a gap in the log.
    public init(encoded bytes: [UInt8]) throws(InvalidBytes) {
        guard bytes.count >= Self.headSize + 4, bytes.count <= Self.maximumBytes else {
            throw InvalidBytes("wrong length of an invalidation")
        }
        guard bytes[0] == Self.formatVersion else { throw InvalidBytes("unknown version of an invalidation") }
        var reader = ByteReader(bytes.dropLast(4))
        var tail = ByteReader(bytes.suffix(4))
        guard try tail.number(as: UInt32.self) == Self.checksum(of: bytes.dropLast(4)) else {
            throw InvalidBytes("wrong checksum of an invalidation")
        }
        let head = try reader.number(as: UInt16.self)
        let nameLength = Int(try reader.number(as: UInt16.self))
        let count = Int(try reader.number(as: UInt32.self))
        let name = try reader.text(nameLength)
        var items: [[UInt8]] = []
        for _ in 0..<count {
            let length = Int(try reader.number(as: UInt32.self))
            items.append(Array(try reader.take(length)))
        }
        guard reader.isAtEnd else { throw InvalidBytes("an invalidation goes on behind its end") }
        let flags = UInt8(head >> 8)
        self.init(try Self.target(flags & ~Self.softBit, items), in: name, isSoft: flags & Self.softBit != 0)
    }

    private var parts: (kind: UInt8, items: [[UInt8]]) {
        switch target {
        case .keys(let keys): (0, keys.map(\.bytes))
        case .tags(let tags): (1, tags.map { Array($0.utf8) })
        case .pattern(let pattern): (2, [Array(pattern.text.utf8)])
        case .everything: (3, [])
        }
    }

    private static func target(_ kind: UInt8, _ items: [[UInt8]]) throws(InvalidBytes) -> Target {
        switch (kind, items.count) {
        case (0, _): return .keys(items.map { StoreKey(bytes: $0) })
        case (1, _):
            var tags: [String] = []
            for item in items { tags.append(try ByteReader.text(item)) }
            return .tags(tags)
        case (2, 1):
            do { return .pattern(try KeyPattern(try ByteReader.text(items[0]))) } catch {
                throw InvalidBytes("invalid pattern in an invalidation")
            }
        case (3, 0): return .everything
        default: throw InvalidBytes("unknown kind of invalidation")
        }
    }

    private static func checksum(of bytes: ArraySlice<UInt8>) -> UInt32 {
        var checksum = Checksum()
        checksum.update(bytes.span.bytes)
        return checksum.value
    }
}

extension [UInt8] {
    fileprivate mutating func append(littleEndian number: some FixedWidthInteger & UnsignedInteger) {
        Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
    }
}
