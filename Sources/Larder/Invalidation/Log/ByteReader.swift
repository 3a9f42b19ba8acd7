/// Reads numbers and texts from bytes, and never behind their end.
struct ByteReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ count: Int) throws(InvalidBytes) -> ArraySlice<UInt8> {
        guard count <= rest.count else { throw InvalidBytes("an invalidation is cut off") }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    /// Reads a little-endian number.
    mutating func number<Number: FixedWidthInteger>(as type: Number.Type) throws(InvalidBytes) -> Number {
        var number: Number = 0
        for (index, byte) in try take(Number.bitWidth / 8).enumerated() {
            number |= Number(truncatingIfNeeded: byte) << Number(truncatingIfNeeded: index * 8)
        }
        return number
    }

    mutating func text(_ count: Int) throws(InvalidBytes) -> String {
        try Self.text(Array(try take(count)))
    }

    static func text(_ bytes: [UInt8]) throws(InvalidBytes) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw InvalidBytes("text that is no UTF-8") }
        return text
    }
}
