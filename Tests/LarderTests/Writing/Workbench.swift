import Larder
import LarderTesting
import Logging
import MemoryCache
import Testing

/// A write-behind cache of numbers, with all that it stands on, which a test may restart.
final class Workbench: Sendable {
    let clock = ManualClock()
    let disk = DictionaryJournal.Disk()
    let sink = FaultySink(RecordingSink<Int, Int> { $0 + $1 })
    let store: DictionaryStore
    let log = LogRecorder()

    init() {
        store = DictionaryStore(clock: clock)
    }

    /// What the sink does behind its faults.
    var origin: RecordingSink<Int, Int> { sink.wrapped }

    /// Makes the cache, as the first process or as one that comes after a crash.
    func open(
        memory: MemoryCapacity = .entries(100),
        _ change: (inout WriteBehindPolicy) -> Void = { _ in }
    ) async throws -> WriteBehindCache<Int, Int> {
        let caches = try CacheSystem(store: store, clock: clock, logger: log.logger)
        let namespace = CacheNamespace<Int, Int>("numbers", policy: exact(), memory: memory)
        var policy = WriteBehindPolicy()
        policy.retry.jitter = 0
        change(&policy)
        return try await WriteBehindCache(
            caches.cache(namespace),
            sink: sink,
            journal: DictionaryJournal(disk),
            merging: .adding,
            policy: policy,
            logger: log.logger
        )
    }

    /// Runs the drain of a cache while a test does something.
    func draining<Output: Sendable>(
        _ cache: WriteBehindCache<Int, Int>,
        _ body: () async throws -> Output
    ) async throws -> Output {
        let drain = Task { try await cache.run() }
        do {
            let output = try await body()
            drain.cancel()
            _ = try? await drain.value
            return output
        } catch {
            drain.cancel()
            throw error
        }
    }
}

extension WriteBehindCache {
    /// Waits until nothing is pending, without letting time pass.
    func untilEmpty() async {
        await until { statistics.pendingWrites == 0 }
    }
}

/// The code of the cache's error that a closure throws.
func code(thrownBy body: () async throws -> Void) async -> CacheError.Code? {
    do {
        try await body()
    } catch {
        return (error as? CacheError)?.code
    }
    return nil
}
