// Compiled together with the compressors themselves; see `Fuzzing/run`.
import Larder

#if ZSTANDARD
private let compressor = ZstandardCompressor()
#else
private let compressor = LZ4Compressor()
#endif

/// Decompresses bytes behind a size of two bytes, and compresses them as they are; traps where a value of another size
/// comes out, or not what went in.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count >= 2 else { return 0 }
    let bytes = Array(UnsafeRawBufferPointer(start: start + 2, count: count - 2))
    let size = Int(start[0]) | Int(start[1]) << 8
    let value = try? compressor.decompress(bytes.span.bytes, size: size)
    precondition(value == nil || value?.count == size, "a value of another size than was asked for")
    guard let compressed = try? compressor.compress(bytes.span.bytes),
        let again = try? compressor.decompress(compressed.span.bytes, size: bytes.count)
    else { preconditionFailure("what was compressed cannot be decompressed") }
    precondition(again == bytes, "what was compressed comes back otherwise")
    return 0
}
