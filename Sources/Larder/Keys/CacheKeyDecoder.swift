public import struct Foundation.UUID

/// Reads back the parts that a ``CacheKeyEncoder`` wrote.
public struct CacheKeyDecoder: Sendable {
    private var rest: ArraySlice<UInt8>?

    /// Makes a decoder of the bytes behind the prefix of a namespace.
    package init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    /// Whether all parts have been read.
    public var isAtEnd: Bool { rest == nil }

    /// Reads the next part as text, in Unicode's normal form C.
    ///
    /// - Returns: The text; `nil` if there is no part left, or it is not what an encoder writes.
    public mutating func text() -> String? {
        guard let part = nextPart() else { return nil }
        var bytes: [UInt8] = []
        var index = part.startIndex
        while index < part.endIndex {
            if part[index] == UInt8(ascii: "%") {
                guard index + 2 < part.endIndex, let high = Self.digit(part[index + 1]),
                    let low = Self.digit(part[index + 2])
                else { return nil }
                bytes.append(high << 4 | low)
                index += 3
            } else {
                bytes.append(part[index])
                index += 1
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// Reads the next part as a number.
    ///
    /// - Parameter type: The type of the number.
    /// - Returns: The number; `nil` if there is no part left, or it is no number of the type.
    public mutating func number<Number: FixedWidthInteger>(as type: Number.Type = Number.self) -> Number? {
        nextPart().flatMap { Number(String(decoding: $0, as: UTF8.self)) }
    }

    /// Reads the next part as an identifier.
    ///
    /// - Returns: The identifier; `nil` if there is no part left, or it is none.
    public mutating func identifier() -> UUID? {
        nextPart().flatMap { UUID(uuidString: String(decoding: $0, as: UTF8.self)) }
    }

    private mutating func nextPart() -> ArraySlice<UInt8>? {
        guard let bytes = rest else { return nil }
        guard let end = bytes.firstIndex(of: UInt8(ascii: ":")) else {
            rest = nil
            return bytes
        }
        rest = bytes[(end + 1)...]
        return bytes[..<end]
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
