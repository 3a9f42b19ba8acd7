import Foundation

/// Encodes `Codable` values as a binary property list: compact where values repeat keys or hold bytes, and older than
/// most of what might read it.
///
/// A value whose topmost part is a number, a text or the like is wrapped in a list of one.
public struct PropertyListCodec<Value: Codable & Sendable>: CacheCodec {
    /// The number of the codec.
    public var identifier: UInt16 { CodecNumber.propertyList }

    /// The version of the values' form.
    public let formatVersion: UInt16

    /// What a value may be when it is read.
    public let limits: DecodingLimits

    /// Makes a codec.
    ///
    /// - Parameters:
    ///   - formatVersion: The version of the type's form; raise it when old bytes no longer decode to what they should.
    ///   - limits: What a value may be when it is read; what is larger or deeper is a miss.
    public init(formatVersion: UInt16 = 1, limits: DecodingLimits = DecodingLimits()) {
        self.formatVersion = formatVersion
        self.limits = limits
    }

    /// Appends the value as a property list.
    public func encode(_ value: Value, into buffer: inout [UInt8]) throws {
        let encoder = PropertyListEncoder()
        encoder.outputFormat = .binary
        buffer.append(contentsOf: try encoder.encode([value]))
    }

    /// Reads a value from a property list.
    ///
    /// - Throws: ``InvalidBytes`` beyond the limits, or what the type throws.
    public func decode(_ bytes: RawSpan) throws -> Value {
        try limits.checkSize(bytes)
        // One level is the list of one.
        try BinaryPropertyList.check(bytes, limits: limits, depth: limits.maximumDepth + 1)
        let data = bytes.withUnsafeBytes { Data($0) }
        guard let value = try PropertyListDecoder().decode([Value].self, from: data).first else {
            throw InvalidBytes("a property list without a value")
        }
        return value
    }
}

extension CacheCodec {
    /// Encodes as a binary property list.
    ///
    /// - Parameters:
    ///   - formatVersion: The version of the type's form.
    ///   - limits: What a value may be when it is read.
    /// - Returns: The codec.
    public static func propertyList<Value>(
        formatVersion: UInt16 = 1,
        limits: DecodingLimits = DecodingLimits()
    ) -> Self where Self == PropertyListCodec<Value> {
        PropertyListCodec(formatVersion: formatVersion, limits: limits)
    }
}
