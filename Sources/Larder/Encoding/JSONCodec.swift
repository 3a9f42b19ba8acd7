import Foundation

/// Encodes `Codable` values as JSON.
///
/// Readable everywhere, and slow beside ``PropertyListCodec`` where values hold many numbers or bytes.
public struct JSONCodec<Value: Codable & Sendable>: CacheCodec {
    /// The number of the codec.
    public var identifier: UInt16 { CodecNumber.json }

    /// The version of the values' form.
    public let formatVersion: UInt16

    /// What a value may be when it is read.
    public let limits: DecodingLimits

    /// Makes a codec.
    ///
    /// - Parameters:
    ///   - formatVersion: The version of the type's form; raise it when old JSON no longer decodes to what it should.
    ///   - limits: What a value may be when it is read; what is larger or deeper is a miss.
    public init(formatVersion: UInt16 = 1, limits: DecodingLimits = DecodingLimits()) {
        self.formatVersion = formatVersion
        self.limits = limits
    }

    /// Appends the value as JSON.
    public func encode(_ value: Value, into buffer: inout [UInt8]) throws {
        buffer.append(contentsOf: try JSONEncoder().encode(value))
    }

    /// Reads a value from JSON.
    ///
    /// - Throws: ``InvalidBytes`` beyond the limits, or what the type throws.
    public func decode(_ bytes: RawSpan) throws -> Value {
        try limits.checkSize(bytes)
        try limits.checkJSON(bytes)
        let data = bytes.withUnsafeBytes { Data($0) }
        return try JSONDecoder().decode(Value.self, from: data)
    }
}

extension CacheCodec {
    /// Encodes as JSON.
    ///
    /// - Parameters:
    ///   - formatVersion: The version of the type's form.
    ///   - limits: What a value may be when it is read.
    /// - Returns: The codec.
    public static func json<Value>(
        formatVersion: UInt16 = 1,
        limits: DecodingLimits = DecodingLimits()
    ) -> Self where Self == JSONCodec<Value> {
        JSONCodec(formatVersion: formatVersion, limits: limits)
    }
}
