/// Encodes strings as UTF-8.
public struct TextCodec: CacheCodec {
    /// The number of the codec.
    public var identifier: UInt16 { CodecNumber.text }

    /// The form of UTF-8 does not change.
    public var formatVersion: UInt16 { 1 }

    /// Makes a codec.
    public init() {}

    /// Appends the text as UTF-8.
    public func encode(_ value: String, into buffer: inout [UInt8]) {
        buffer.append(contentsOf: value.utf8)
    }

    /// Reads UTF-8.
    ///
    /// - Throws: ``InvalidBytes`` where the bytes are not UTF-8.
    public func decode(_ bytes: RawSpan) throws -> String {
        let text = bytes.withUnsafeBytes { String(validating: $0, as: UTF8.self) }
        guard let text else { throw InvalidBytes("not valid UTF-8") }
        return text
    }
}

extension CacheCodec where Self == TextCodec {
    /// Encodes strings as UTF-8.
    public static var text: TextCodec { TextCodec() }
}
