import Larder
import LarderSQLite
import Logging
import MemoryCache
import ServiceLifecycle

/// Counts how often notes are looked at: each view is a merge write, and many views of one note reach the ledger as one.
///
/// A view need not be on the disk before the page is sent, so a crash may lose those of the last second.
struct ViewCounter: Service {
    private let ledger: ViewLedger
    private let cache: WriteBehindCache<NoteID, Int>

    /// Opens the ledger and the journal, and takes up what an earlier run left.
    init(_ system: CacheSystem, ledger: ViewLedger, journal path: String, logger: Logger) async throws {
        self.ledger = ledger
        var policy = WriteBehindPolicy()
        policy.durability = .interval(.seconds(1))
        policy.batchDelay = .milliseconds(500)
        // Nobody waits for a count.
        policy.overload = .refuse
        cache = try await WriteBehindCache(
            system.cache(CacheNamespace("note views", memory: .entries(2_000))),
            sink: ledger,
            journal: SQLiteWriteJournal(path: path, logger: logger),
            merging: .adding,
            policy: policy,
            logger: logger
        )
    }

    /// Counts a view.
    func count(_ id: NoteID) async throws {
        try await cache.mergeValue(1, forKey: id)
    }

    /// How often a note was looked at, those views included that the ledger does not have yet.
    func views(of id: NoteID) async throws -> Int {
        try await cache.value(forKey: id) { [ledger] id in try await ledger.views(of: id) } ?? 0
    }

    /// Hands everything to the ledger that it does not have yet.
    func flush() async throws {
        try await cache.flush()
    }

    /// Hands views to the ledger until the service group stops.
    func run() async throws {
        try await cache.run()
    }
}
