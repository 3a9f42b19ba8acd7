import Foundation

/// Encodes `Codable` values as JSON.
public struct JSONCodec<Value: Codable & Sendable>: CacheCodec {
    /// The version of the values' form.
    public let formatVersion: UInt16

    /// Makes a codec.
    ///
    /// - Parameter formatVersion: The version of the type's form; raise it when old JSON no longer decodes to what
    ///   it should.
    public init(formatVersion: UInt16 = 1) {
        self.formatVersion = formatVersion
    }

    /// Appends the value as JSON.
    public func encode(_ value: Value, into buffer: inout [UInt8]) throws {
        buffer.append(contentsOf: try JSONEncoder().encode(value))
    }

    /// Reads a value from JSON.
    public func decode(_ bytes: RawSpan) throws -> Value {
        let data = bytes.withUnsafeBytes { Data($0) }
        return try JSONDecoder().decode(Value.self, from: data)
    }
}

extension CacheCodec {
    /// Encodes as JSON.
    ///
    /// - Parameter formatVersion: The version of the type's form.
    /// - Returns: The codec.
    public static func json<Value>(formatVersion: UInt16 = 1) -> Self where Self == JSONCodec<Value> {
        JSONCodec(formatVersion: formatVersion)
    }
}
