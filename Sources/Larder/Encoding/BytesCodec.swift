/// Stores bytes as they are.
public struct BytesCodec: CacheCodec {
    /// The form of bytes does not change.
    ///
    /// The number is no other codec's, so that what another codec wrote under the
    /// same keys is never taken for bytes.
    public var formatVersion: UInt16 { 0xFFFF }

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
