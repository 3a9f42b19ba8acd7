import Dispatch
import MemoryCache
import SQLite

/// Copies the write-ahead log into the file, on a thread of its own, while the writer goes on.
///
/// A checkpoint waits for the disk, up to tens of milliseconds. At the end of a commit, where SQLite would make it,
/// all callers of that commit would wait too.
final class Checkpointer: Sendable {
    /// How long the log is, in pages, when a checkpoint is due: 4 MiB.
    static let pagesDue = 1_000

    /// How long the log is when the writer had better wait for a checkpoint: 64 MiB.
    static let pagesOverdue = 16_000

    private let location: StoreLocation
    private let busyTimeout: Duration
    private let queue = DispatchQueue(label: "larder.sqlite.checkpointer")
    private let isUnderWay = Locked(false)

    init(location: StoreLocation, busyTimeout: Duration) {
        self.location = location
        self.busyTimeout = busyTimeout
    }

    /// Begins a checkpoint, unless one is under way.
    func begin() {
        let isFirst = isUnderWay.withLock { isUnderWay in
            defer { isUnderWay = true }
            return !isUnderWay
        }
        guard isFirst else { return }
        queue.async { [self] in
            // What fails is begun again after the next commit.
            try? checkpoint()
            isUnderWay.withLock { $0 = false }
        }
    }

    /// Waits until no checkpoint is under way.
    func finish() {
        queue.sync {}
    }

    private func checkpoint() throws {
        let connection = try location.locked(for: .opening) {
            let connection = try Connection(
                path: location.path,
                mode: .existing,
                busyTimeout: busyTimeout
            )
            connection.keepWriteAheadLog()
            return connection
        }
        try connection.execute("PRAGMA synchronous = NORMAL; PRAGMA wal_checkpoint(PASSIVE)")
    }
}
