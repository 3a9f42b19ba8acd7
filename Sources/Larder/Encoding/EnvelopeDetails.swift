/// What few entries have beside their value, as fields of a kind, a length and bytes.
///
/// | kind | bytes |
/// |---|---|
/// | 1 | entity tag, UTF-8 |
/// | 2 | last modification, seconds since 1970 as the 8 bytes of a double |
/// | 3 | a tag, UTF-8; one field for each |
/// | 4 | weight in memory, 8 bytes |
///
/// The kind takes one byte and the length two. Fields of an unknown kind are passed over.
package struct EnvelopeDetails: Hashable, Sendable {
    package var entityTag: String?
    package var lastModified: Double?
    package var tags: Set<String> = []
    package var weight: UInt64?

    package init() {}

    private enum Kind: UInt8 {
        case entityTag = 1
        case lastModified = 2
        case tag = 3
        case weight = 4
    }

    /// The bytes of the fields, in an order that is always the same.
    ///
    /// - Throws: ``InvalidBytes`` if they are more than 65,535.
    package func encoded() throws(InvalidBytes) -> [UInt8] {
        var bytes: [UInt8] = []
        if let entityTag { try bytes.appendField(Kind.entityTag.rawValue, Array(entityTag.utf8)) }
        if let lastModified { try bytes.appendField(Kind.lastModified.rawValue, lastModified.bitPattern.bytes) }
        for tag in tags.sorted() { try bytes.appendField(Kind.tag.rawValue, Array(tag.utf8)) }
        if let weight { try bytes.appendField(Kind.weight.rawValue, weight.bytes) }
        return bytes
    }

    /// Reads fields.
    ///
    /// - Throws: ``InvalidBytes`` if they are not well formed.
    package init(_ bytes: RawSpan) throws(InvalidBytes) {
        var offset = 0
        while offset < bytes.byteCount {
            guard offset + 3 <= bytes.byteCount else { throw InvalidBytes("malformed details") }
            let kind = bytes.load(offset, as: UInt8.self)
            let end = offset + 3 + Int(bytes.load(offset + 1, as: UInt16.self))
            guard end <= bytes.byteCount else { throw InvalidBytes("malformed details") }
            try read(kind, bytes.extracting((offset + 3)..<end))
            offset = end
        }
    }

    private mutating func read(_ kind: UInt8, _ field: RawSpan) throws(InvalidBytes) {
        switch Kind(rawValue: kind) {
        case .entityTag: entityTag = try field.text()
        case .lastModified: lastModified = Double(bitPattern: try field.number())
        case .tag: tags.insert(try field.text())
        case .weight: weight = try field.number()
        case nil: break
        }
    }
}

extension [UInt8] {
    fileprivate mutating func appendField(_ kind: UInt8, _ bytes: [UInt8]) throws(InvalidBytes) {
        guard count + 3 + bytes.count <= UInt16.max else {
            throw InvalidBytes("the tags and the entity tag take more than 65,535 bytes")
        }
        append(kind)
        append(UInt16(bytes.count))
        append(contentsOf: bytes)
    }
}

extension UInt64 {
    fileprivate var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(self)
        return bytes
    }
}

extension RawSpan {
    fileprivate func text() throws(InvalidBytes) -> String {
        guard let text = withUnsafeBytes({ String(validating: $0, as: UTF8.self) }) else {
            throw InvalidBytes("malformed details")
        }
        return text
    }

    fileprivate func number() throws(InvalidBytes) -> UInt64 {
        guard byteCount == 8 else { throw InvalidBytes("malformed details") }
        return load(0, as: UInt64.self)
    }
}
