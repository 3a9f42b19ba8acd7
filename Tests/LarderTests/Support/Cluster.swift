import Larder
import LarderTesting
import MemoryCache

/// Caches of several processes, as far as a test can tell: systems that share a store and an invalidation log.
struct Cluster {
    let clock = ManualClock()
    let store: DictionaryStore
    let log: UnreliableLog
    private let policy: CachePolicy

    init(policy: CachePolicy = exact(grace: .seconds(60)), logLimit: Int = 65_536) {
        store = DictionaryStore(clock: clock)
        log = UnreliableLog(LocalInvalidationLog(limit: logLimit, clock: clock))
        self.policy = policy
    }

    /// Starts a process.
    func node<Key: CacheKey>(
        _ key: Key.Type = Int.self,
        hasStore: Bool = true,
        hasLog: Bool = true,
        store: (any RemoteStore)? = nil
    ) throws -> TieredCache<Key, String> {
        var configuration = CacheSystem.Configuration()
        configuration.storeBreaker = nil
        return try CacheSystem(
            store: hasStore ? store ?? self.store : nil,
            log: hasLog ? log : nil,
            configuration: configuration,
            clock: clock
        )
        .cache(CacheNamespace("values", policy: policy))
    }
}

/// A log that can be cut off.
final class UnreliableLog: InvalidationLog {
    struct Down: Error {}

    private let wrapped: LocalInvalidationLog
    private let isDown = Locked(false)
    private let failed = Counter()

    private let asked = Counter()

    /// How many questions were asked, and how many of them have failed.
    var questions: Int { asked.value }
    var failures: Int { failed.value }

    init(_ wrapped: LocalInvalidationLog) {
        self.wrapped = wrapped
    }

    var end: LogPosition { wrapped.end }

    func setDown(_ value: Bool) { isDown.withLock { $0 = value } }

    func append(_ records: [InvalidationRecord]) async throws -> LogPosition {
        if isDown.withLock({ $0 }) { throw Down() }
        return try await wrapped.append(records)
    }

    func nextBatch(after position: LogPosition?, patience: Duration) async throws -> LogBatch {
        asked.add()
        try check()
        let batch = try await wrapped.nextBatch(after: position, patience: patience)
        try check()
        return batch
    }

    private func check() throws {
        guard isDown.withLock({ $0 }) else { return }
        failed.add()
        throw Down()
    }

    func shutdown() async {}
}

/// A key that cannot be read back.
struct OpaqueKey: CacheKey {
    var number: Int

    func encode(into encoder: inout CacheKeyEncoder) { encoder.append(number) }
}

extension TieredCache where Value == String {
    /// Reads a value, and loads the given one if no tier has any.
    func read(_ key: Key, _ loaded: String, tags: Set<String> = []) async throws -> String? {
        try await result(forKey: key) { _, context in
            context.tags = tags
            return .value(loaded)
        }
        .value
    }
}
