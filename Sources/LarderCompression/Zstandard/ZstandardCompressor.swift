import CZstandard
public import Larder

/// Zstandard (RFC 8878), through the system's library.
///
/// It learns dictionaries, with which small values become small, too.
public struct ZstandardCompressor: ValueCompressor {
    /// The number of the form.
    public var identifier: UInt8 { 1 }

    /// How hard it tries, 1 to 19; values of any level can be read by all.
    public let level: Int

    private let dictionary: ZstandardDictionary?

    /// Makes a compressor.
    ///
    /// - Parameter level: How hard it tries, from 1, the fastest, to 19; what is out of the range becomes the next that is
    ///   not.
    public init(level: Int = 3) {
        self.level = min(max(level, 1), 19)
        dictionary = nil
    }

    private init(level: Int, dictionary: ZstandardDictionary) {
        self.level = level
        self.dictionary = dictionary
    }

    /// Compresses as one frame.
    ///
    /// - Throws: `InvalidBytes` if there is no memory for it.
    public func compress(_ bytes: RawSpan) throws -> [UInt8] {
        let bound = ZSTD_compressBound(bytes.byteCount)
        var code = 0
        let compressed = ZstandardContexts.shared.with { context in
            bytes.withUnsafeBytes { source in
                [UInt8](unsafeUninitializedCapacity: bound) { target, count in
                    if let dictionary {
                        code = ZSTD_compress_usingCDict(
                            context.compressing,
                            target.baseAddress,
                            bound,
                            source.baseAddress,
                            source.count,
                            dictionary.compressing
                        )
                    } else {
                        code = ZSTD_compressCCtx(
                            context.compressing,
                            target.baseAddress,
                            bound,
                            source.baseAddress,
                            source.count,
                            CInt(level)
                        )
                    }
                    count = ZSTD_isError(code) == 0 ? code : 0
                }
            }
        }
        guard let compressed, ZSTD_isError(code) == 0 else { throw InvalidBytes("a value that cannot be compressed") }
        return compressed
    }

    /// Decompresses one frame, which has to say the same size.
    public func decompress(_ bytes: RawSpan, size: Int) throws(InvalidBytes) -> [UInt8] {
        guard fits(bytes, size: size) else { throw InvalidBytes("malformed compressed value") }
        var code = 0
        let value = ZstandardContexts.shared.with { context in
            bytes.withUnsafeBytes { source in
                [UInt8](unsafeUninitializedCapacity: max(1, size)) { target, count in
                    if let dictionary {
                        code = ZSTD_decompress_usingDDict(
                            context.decompressing,
                            target.baseAddress,
                            size,
                            source.baseAddress,
                            source.count,
                            dictionary.decompressing
                        )
                    } else {
                        code = ZSTD_decompressDCtx(
                            context.decompressing,
                            target.baseAddress,
                            size,
                            source.baseAddress,
                            source.count
                        )
                    }
                    count = ZSTD_isError(code) == 0 ? code : 0
                }
            }
        }
        guard let value, value.count == size, ZSTD_isError(code) == 0 else {
            throw InvalidBytes("malformed compressed value")
        }
        return value
    }

    /// Whether there is one frame of this size, compressed with this dictionary, and nothing behind it.
    private func fits(_ bytes: RawSpan, size: Int) -> Bool {
        bytes.withUnsafeBytes { source in
            ZSTD_getFrameContentSize(source.baseAddress, source.count) == UInt64(size)
                && ZSTD_findFrameCompressedSize(source.baseAddress, source.count) == source.count
                && ZSTD_getDictID_fromFrame(source.baseAddress, source.count) == dictionary?.identifier ?? 0
        }
    }

    /// Makes a dictionary of values like those to come.
    public func train(_ samples: [[UInt8]], maximumBytes: Int) -> [UInt8]? {
        let all = samples.flatMap { $0 }
        let sizes = samples.map(\.count)
        var code = 0
        let dictionary = [UInt8](unsafeUninitializedCapacity: maximumBytes) { target, count in
            code = ZDICT_trainFromBuffer(target.baseAddress, maximumBytes, all, sizes, UInt32(sizes.count))
            count = ZDICT_isError(code) == 0 ? code : 0
        }
        return dictionary.isEmpty ? nil : dictionary
    }

    /// The same level with a dictionary.
    public func using(dictionary: [UInt8]) throws(InvalidBytes) -> any ValueCompressor {
        ZstandardCompressor(level: level, dictionary: try ZstandardDictionary(dictionary, level: CInt(level)))
    }
}

extension ValueCompressor where Self == ZstandardCompressor {
    /// Zstandard of a level.
    ///
    /// - Parameter level: How hard it tries, from 1, the fastest, to 19.
    /// - Returns: The compressor.
    public static func zstandard(level: Int = 3) -> ZstandardCompressor { ZstandardCompressor(level: level) }
}
