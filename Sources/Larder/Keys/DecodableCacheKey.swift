public import struct Foundation.UUID

/// A key that can be read back from the form that it writes.
///
/// An invalidation by another process names keys in that form. A cache whose keys can be read back removes those entries
/// from memory at once. Otherwise each entry is compared with the invalidation when it is next read, which makes that
/// hit slower and keeps the entry's memory until then.
///
/// Strings, integers, `Bool`, `UUID`, and types that declare the conformance and have such a raw value conform already.
public protocol DecodableCacheKey: CacheKey {
    /// Reads the parts that ``CacheKey/encode(into:)`` appends, in the same order; `nil` if they are not those of such
    /// a key.
    ///
    /// - Parameter decoder: Gives the parts.
    init?(from decoder: inout CacheKeyDecoder)
}

extension DecodableCacheKey where Self: RawRepresentable, RawValue: DecodableCacheKey {
    /// Reads the parts of the raw value.
    public init?(from decoder: inout CacheKeyDecoder) {
        guard let rawValue = RawValue(from: &decoder) else { return nil }
        self.init(rawValue: rawValue)
    }
}

extension DecodableCacheKey {
    /// Reads a key and nothing else.
    static func decode(_ bytes: ArraySlice<UInt8>) -> Self? {
        var decoder = CacheKeyDecoder(bytes)
        let key = Self(from: &decoder)
        return decoder.isAtEnd ? key : nil
    }
}

extension String: DecodableCacheKey {
    /// Reads one part as text.
    public init?(from decoder: inout CacheKeyDecoder) {
        guard let text = decoder.text() else { return nil }
        self = text
    }
}

extension Substring: DecodableCacheKey {
    /// Reads one part as text.
    public init?(from decoder: inout CacheKeyDecoder) {
        guard let text = decoder.text() else { return nil }
        self = text[...]
    }
}

extension Bool: DecodableCacheKey {
    /// Reads one part as `1` or `0`.
    public init?(from decoder: inout CacheKeyDecoder) {
        guard let number = decoder.number(as: Int.self), (0...1).contains(number) else { return nil }
        self = number == 1
    }
}

extension UUID: DecodableCacheKey {
    /// Reads one part as an identifier.
    public init?(from decoder: inout CacheKeyDecoder) {
        guard let identifier = decoder.identifier() else { return nil }
        self = identifier
    }
}

extension CacheKey where Self: FixedWidthInteger {
    /// Reads one part as a number.
    public init?(from decoder: inout CacheKeyDecoder) {
        guard let number = decoder.number(as: Self.self) else { return nil }
        self = number
    }
}

extension Int: DecodableCacheKey {}
extension Int8: DecodableCacheKey {}
extension Int16: DecodableCacheKey {}
extension Int32: DecodableCacheKey {}
extension Int64: DecodableCacheKey {}
extension UInt: DecodableCacheKey {}
extension UInt8: DecodableCacheKey {}
extension UInt16: DecodableCacheKey {}
extension UInt32: DecodableCacheKey {}
extension UInt64: DecodableCacheKey {}

extension CompositeKey: DecodableCacheKey where repeat each Part: DecodableCacheKey {
    /// Reads each key in turn.
    public init?(from decoder: inout CacheKeyDecoder) {
        do {
            self.init(repeat try Self.part((each Part).self, &decoder))
        } catch {
            return nil
        }
    }

    private struct Mismatch: Error {}

    private static func part<One: DecodableCacheKey>(
        _ type: One.Type,
        _ decoder: inout CacheKeyDecoder
    ) throws(Mismatch) -> One {
        guard let part = One(from: &decoder) else { throw Mismatch() }
        return part
    }
}
