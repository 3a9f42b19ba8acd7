public import Larder
public import SwiftProtobuf

/// Encodes messages of Protocol Buffers in their binary form.
///
/// New fields of a message need no new version: a process that does not know them keeps them in the value. The same
/// message may become other bytes in another process, so nothing may compare encoded values.
public struct ProtobufCodec<Value: Message>: CacheCodec {
    /// The number of the codec.
    public var identifier: UInt16 { CodecNumber.protobuf }

    /// The version of the values' form.
    public let formatVersion: UInt16

    /// What a value may be when it is read.
    public let limits: DecodingLimits

    /// Makes a codec.
    ///
    /// - Parameters:
    ///   - formatVersion: The version of the message's form; raise it with a change that old bytes do not survive, such
    ///     as another meaning of a field.
    ///   - limits: What a value may be when it is read; what is larger, or has messages nested more deeply, is a miss.
    public init(formatVersion: UInt16 = 1, limits: DecodingLimits = DecodingLimits()) {
        self.formatVersion = formatVersion
        self.limits = limits
    }

    /// Appends the message.
    ///
    /// - Throws: `BinaryEncodingError` if a required field is missing.
    public func encode(_ value: Value, into buffer: inout [UInt8]) throws {
        let bytes: [UInt8] = try value.serializedBytes()
        buffer.append(contentsOf: bytes)
    }

    /// Reads a message.
    ///
    /// - Throws: `InvalidBytes` for a message that is too large; `BinaryDecodingError` for one that is nested too deeply,
    ///   lacks a required field, or is none.
    public func decode(_ bytes: RawSpan) throws -> Value {
        try limits.checkSize(bytes)
        var options = BinaryDecodingOptions()
        options.messageDepthLimit = limits.maximumDepth
        return try Value(serializedBytes: bytes.withUnsafeBytes { Array($0) }, options: options)
    }
}

extension CacheCodec {
    /// Encodes messages of Protocol Buffers in their binary form.
    ///
    /// - Parameters:
    ///   - formatVersion: The version of the message's form.
    ///   - limits: What a value may be when it is read.
    /// - Returns: The codec.
    public static func protobuf<Value>(
        formatVersion: UInt16 = 1,
        limits: DecodingLimits = DecodingLimits()
    ) -> Self where Self == ProtobufCodec<Value> {
        ProtobufCodec(formatVersion: formatVersion, limits: limits)
    }
}
