import CZstandard
import MemoryCache

/// The working memory of Zstandard, which is costly to make and used by one call at a time.
final class ZstandardContexts: Sendable {
    /// One that compresses and one that decompresses.
    ///
    /// Sendable, for whoever has taken it from the shelf has it alone.
    struct Context: @unchecked Sendable {
        let compressing: OpaquePointer
        let decompressing: OpaquePointer
    }

    /// How many are kept while nobody uses them.
    private static let maximumIdle = 16

    static let shared = ZstandardContexts()

    private let idle = Locked<[Context]>([])

    /// Lends a context; nil if there is no memory for one.
    func with<Result>(_ body: (Context) throws -> Result) rethrows -> Result? {
        guard let context = idle.withLock({ $0.popLast() }) ?? Self.make() else { return nil }
        defer {
            let isKept = idle.withLock { idle in
                guard idle.count < Self.maximumIdle else { return false }
                idle.append(context)
                return true
            }
            if !isKept { Self.free(context) }
        }
        return try body(context)
    }

    private static func make() -> Context? {
        guard let compressing = ZSTD_createCCtx() else { return nil }
        guard let decompressing = ZSTD_createDCtx() else {
            ZSTD_freeCCtx(compressing)
            return nil
        }
        return Context(compressing: compressing, decompressing: decompressing)
    }

    private static func free(_ context: Context) {
        ZSTD_freeCCtx(context.compressing)
        ZSTD_freeDCtx(context.decompressing)
    }

    deinit { for context in idle.withLock({ $0 }) { Self.free(context) } }
}
