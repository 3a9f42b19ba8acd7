import Synchronization

/// The counts behind ``SQLiteStore/Statistics``.
final class StoreTally: Sendable {
    private let statistics = Mutex(SQLiteStore.Statistics())

    var current: SQLiteStore.Statistics { statistics.withLock { $0 } }

    func update(_ body: (inout SQLiteStore.Statistics) -> Void) {
        statistics.withLock { body(&$0) }
    }
}
