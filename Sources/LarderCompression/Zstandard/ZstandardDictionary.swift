import CZstandard
import Larder

/// A dictionary in the form that Zstandard works with, for one level.
///
/// Sendable, for nothing changes it once it is made, and Zstandard says that threads may share it.
final class ZstandardDictionary: @unchecked Sendable {
    let compressing: OpaquePointer
    let decompressing: OpaquePointer
    let identifier: UInt32

    init(_ bytes: [UInt8], level: CInt) throws(InvalidBytes) {
        identifier = ZDICT_getDictID(bytes, bytes.count)
        guard identifier != 0, let compressing = ZSTD_createCDict(bytes, bytes.count, level) else {
            throw InvalidBytes("malformed dictionary")
        }
        guard let decompressing = ZSTD_createDDict(bytes, bytes.count) else {
            ZSTD_freeCDict(compressing)
            throw InvalidBytes("malformed dictionary")
        }
        self.compressing = compressing
        self.decompressing = decompressing
    }

    deinit {
        ZSTD_freeCDict(compressing)
        ZSTD_freeDDict(decompressing)
    }
}
