public import Foundation

/// Turns the parts of a ``CacheKey`` into text that is the same in each process.
///
/// The parts are joined by `:`. Within a part, `%`, `:` and control characters are written as `%` and two
/// hexadecimal digits, so that a part can never pass for two, and text is brought into Unicode's normal form C,
/// so that strings that are equal to Swift are equal here. All else stays readable: the key of
/// `("café", 7)` is `café:7`.
public struct CacheKeyEncoder: Sendable {
    /// The encoded parts so far, as UTF-8.
    package private(set) var bytes: [UInt8]

    private var hasParts = false

    /// Makes an encoder that writes behind a prefix.
    package init(prefix: [UInt8] = []) {
        bytes = prefix
        bytes.reserveCapacity(prefix.count + 32)
    }

    /// What all keys of a namespace begin with in the store.
    package static func prefix(system: String, namespace: String) -> [UInt8] {
        var encoder = CacheKeyEncoder()
        encoder.append(system)
        encoder.append(namespace)
        return encoder.bytes + [UInt8(ascii: ":")]
    }

    /// What the dictionaries of a namespace begin with in the store: what no key begins with, for no part that was
    /// encoded has a `%` without two digits behind it.
    static func dictionaries(system: String, namespace: String) -> [UInt8] {
        var encoder = CacheKeyEncoder()
        encoder.append(system)
        encoder.bytes += ":%dictionaries".utf8
        encoder.append(namespace)
        return encoder.bytes + [UInt8(ascii: ":")]
    }

    /// Appends a text as one part.
    ///
    /// - Parameter text: Any text; equal strings give equal parts.
    /// - Complexity: O(length of `text`).
    public mutating func append(_ text: some StringProtocol) {
        separate()
        if text.utf8.allSatisfy({ $0 < 0x80 }) {
            escape(text.utf8)
        } else {
            escape(text.precomposedStringWithCanonicalMapping.utf8)
        }
    }

    /// Appends an integer as one part, in decimal digits.
    ///
    /// - Parameter number: Any integer.
    public mutating func append(_ number: some FixedWidthInteger) {
        separate()
        bytes.append(contentsOf: String(number).utf8)
    }

    /// Appends a truth value as one part, `1` or `0`.
    ///
    /// - Parameter value: The truth value.
    public mutating func append(_ value: Bool) {
        append(value ? 1 : 0)
    }

    /// Appends an identifier as one part, in lower-case hexadecimal digits and hyphens.
    ///
    /// - Parameter identifier: The identifier.
    public mutating func append(_ identifier: UUID) {
        separate()
        bytes.append(contentsOf: identifier.uuidString.lowercased().utf8)
    }

    /// Appends all parts of another key.
    ///
    /// - Parameter key: The key whose parts follow.
    public mutating func append(contentsOf key: some CacheKey) {
        key.encode(into: &self)
    }

    /// Appends parts that an encoder has written.
    mutating func append(encoded parts: String) {
        separate()
        bytes.append(contentsOf: parts.utf8)
    }

    private mutating func separate() {
        if hasParts { bytes.append(UInt8(ascii: ":")) }
        hasParts = true
    }

    private mutating func escape(_ utf8: some Sequence<UInt8>) {
        for byte in utf8 {
            switch byte {
            case 0x00..<0x20, 0x7F, UInt8(ascii: "%"), UInt8(ascii: ":"):
                bytes.append(UInt8(ascii: "%"))
                bytes.append(Self.digit(byte >> 4))
                bytes.append(Self.digit(byte & 0xF))
            default:
                bytes.append(byte)
            }
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }
}
