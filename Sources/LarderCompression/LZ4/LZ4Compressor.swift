import CLZ4
public import Larder

/// LZ4: compresses less than Zstandard, and costs next to nothing.
public struct LZ4Compressor: ValueCompressor {
    /// The number of the form.
    public var identifier: UInt8 { 2 }

    /// Makes a compressor.
    public init() {}

    /// Compresses as one block.
    ///
    /// - Throws: `InvalidBytes` for a value of 2 GiB or more.
    public func compress(_ bytes: RawSpan) throws -> [UInt8] {
        guard let size = CInt(exactly: bytes.byteCount), size <= LZ4_MAX_INPUT_SIZE else {
            throw InvalidBytes("value too large")
        }
        let bound = LZ4_compressBound(size)
        return bytes.withUnsafeBytes { source in
            [UInt8](unsafeUninitializedCapacity: Int(bound)) { target, count in
                let source = source.assumingMemoryBound(to: CChar.self).baseAddress
                count = target.withMemoryRebound(to: CChar.self) { target in
                    Int(LZ4_compress_default(source, target.baseAddress, size, bound))
                }
            }
        }
    }

    /// Decompresses one block.
    public func decompress(_ bytes: RawSpan, size: Int) throws(InvalidBytes) -> [UInt8] {
        // A block becomes at most 255 times as many bytes, so that a few cannot ask for very many.
        guard let count = CInt(exactly: bytes.byteCount), let length = CInt(exactly: size),
            size / 255 <= bytes.byteCount
        else { throw InvalidBytes("value too large") }
        var result: CInt = -1
        let value = bytes.withUnsafeBytes { source in
            [UInt8](unsafeUninitializedCapacity: max(1, size)) { target, written in
                let source = source.assumingMemoryBound(to: CChar.self).baseAddress
                result = target.withMemoryRebound(to: CChar.self) { target in
                    LZ4_decompress_safe(source, target.baseAddress, count, length)
                }
                written = max(0, Int(result))
            }
        }
        guard result == length else { throw InvalidBytes("malformed compressed value") }
        return value
    }
}

extension ValueCompressor where Self == LZ4Compressor {
    /// LZ4.
    public static var lz4: LZ4Compressor { LZ4Compressor() }
}
