/// Stores bytes as they are.
public struct BytesCodec: CacheCodec {
    /// The number of the codec.
    public var identifier: UInt16 { CodecNumber.bytes }

    /// The form of bytes does not change.
    public var formatVersion: UInt16 { 1 }

    /// Makes a codec.
    public init() {}

    /// Appends the bytes.
    public func encode(_ value: [UInt8], into buffer: inout [UInt8]) {
        buffer.append(contentsOf: value)
    }

    /// Copies the bytes.
    public func decode(_ bytes: RawSpan) -> [UInt8] {
        bytes.withUnsafeBytes { Array($0) }
    }
}

extension CacheCodec where Self == BytesCodec {
    /// Stores bytes as they are.
    public static var bytes: BytesCodec { BytesCodec() }
}
