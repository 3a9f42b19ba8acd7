/// What a stored value may be at most, checked before a decoder sees it and anything is allocated for it.
public struct DecodingLimits: Hashable, Sendable {
    /// The most bytes of an encoded value, at least 1; 16 MiB unless given.
    public var maximumBytes: Int

    /// How deep lists and objects may be nested, at least 1; 64 unless given.
    public var maximumDepth: Int

    /// Makes limits.
    ///
    /// - Parameters:
    ///   - maximumBytes: The most bytes of an encoded value, at least 1.
    ///   - maximumDepth: How deep lists and objects may be nested, at least 1.
    public init(maximumBytes: Int = 16 << 20, maximumDepth: Int = 64) {
        self.maximumBytes = maximumBytes
        self.maximumDepth = maximumDepth
    }

    /// Refuses a value that is too large.
    ///
    /// - Parameter bytes: The encoded value.
    /// - Throws: ``InvalidBytes``.
    public func checkSize(_ bytes: RawSpan) throws(InvalidBytes) {
        guard bytes.byteCount <= maximumBytes else { throw InvalidBytes("value too large") }
    }

    /// Refuses JSON that is nested too deeply, without reading more of it than its brackets and texts.
    func checkJSON(_ bytes: RawSpan) throws(InvalidBytes) {
        var depth = 0
        var deepest = 0
        var isInText = false
        var index = 0
        while index < bytes.byteCount {
            let byte = bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self)
            if isInText {
                if byte == UInt8(ascii: "\\") { index += 1 }
                if byte == UInt8(ascii: "\"") { isInText = false }
            } else {
                switch byte {
                case UInt8(ascii: "\""): isInText = true
                case UInt8(ascii: "["), UInt8(ascii: "{"):
                    depth += 1
                    deepest = max(deepest, depth)
                case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
                default: break
                }
            }
            index += 1
        }
        guard deepest <= maximumDepth else { throw InvalidBytes("value nested too deeply") }
    }
}
