import Foundation
import Logging
import SQLite

/// The one thread of a store that writes.
///
/// Everything that waits goes into one transaction. If that fails, each operation gets a transaction of its own, so
/// that none fails because of its neighbours.
final class Writer: @unchecked Sendable {
    // Sharing is safe because the thread is started after the initialiser has returned, and because nobody else
    // keeps a reference from then on.
    let location: StoreLocation
    let configuration: SQLiteStore.Configuration
    let now: @Sendable () -> Int64
    let logger: Logger
    let readers: ReaderStack
    let queue: WriteQueue<WriteOperation>
    let tally: StoreTally
    private let checkpointer: Checkpointer

    /// The open file, or `nil` after a failure until it can be opened again.
    var file: StoreFile?
    var generation = 0
    private var isDiskFull = false
    private var changesSinceSweep = 0
    /// Whether there is more to remove, which is done while nobody waits.
    private var hasLeftovers = false

    /// After so many changes expired rows are removed even if the writer never rests.
    private static let changesBetweenSweeps = 10_000

    init(
        location: StoreLocation,
        configuration: SQLiteStore.Configuration,
        now: @escaping @Sendable () -> Int64,
        logger: Logger,
        readers: ReaderStack,
        queue: WriteQueue<WriteOperation>,
        tally: StoreTally
    ) throws {
        self.location = location
        self.configuration = configuration
        self.now = now
        self.logger = logger
        self.readers = readers
        self.queue = queue
        self.tally = tally
        checkpointer = Checkpointer(location: location, busyTimeout: configuration.busyTimeout)
        _ = try openFile()
    }

    /// Starts the thread.
    ///
    /// It ends when the queue is closed and empty.
    func start() {
        let thread = Thread { self.run() }
        thread.name = "larder.sqlite.writer"
        thread.start()
    }

    private func run() {
        while true {
            switch queue.next(waitingFor: hasLeftovers ? .zero : configuration.maintenanceInterval) {
            case .perform(let requests): perform(requests)
            case .wait: maintain()
            case .end:
                close()
                return
            }
        }
    }

    private func close() {
        checkpointer.finish()
        // What the log still holds is found by the next one who opens the file, so that a failure costs nothing.
        try? file?.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        file = nil
        readers.close()
        queue.end()
    }

    /// Does a part of what keeps the file small, while nobody waits.
    private func maintain() {
        // The next operation meets the same error, and has somebody to tell.
        let isOver = try? recovering { file in
            let hasMoreToEvict = try evict(file, slices: 1)
            let hasMoreToSweep = try sweepsSlice(file)
            return !hasMoreToEvict && !hasMoreToSweep
        }
        hasLeftovers = isOver == false
    }
}

// MARK: - Operations

extension Writer {
    private func perform(_ requests: [WriteBacklog<WriteOperation>.Request]) {
        performTogether(requests.filter(\.operation.isChange))
        for request in requests where !request.operation.isChange {
            performMaintenance(request)
        }
    }

    private func performTogether(_ requests: [WriteBacklog<WriteOperation>.Request]) {
        guard !requests.isEmpty else { return }
        do {
            let file = try openFile()
            let outcomes = try file.connection.write {
                try requests.map { try apply($0.operation, to: file) }
            }
            noteCommit(of: requests)
            for (request, outcome) in zip(requests, outcomes) { request.completion.resume(returning: outcome) }
        } catch let error as SQLiteError where error.isBusy || error.isPermission {
            // What keeps all of them from the file would keep each of them from it.
            fail(requests[...], error)
        } catch let error as SQLiteStoreError {
            fail(requests[...], error)
        } catch {
            performOneByOne(requests)
        }
        makeRoom(after: requests.reduce(0) { $0 + $1.operation.writes })
    }

    /// Does what keeps the file within its limit, and leaves the rest for later.
    ///
    /// What fails here is tried again after the next write.
    private func makeRoom(after writes: Int) {
        shortenLog()
        if (try? recovering { try evict($0, slices: Self.slices(for: writes)) }) == true { hasLeftovers = true }
        guard changesSinceSweep >= Self.changesBetweenSweeps else { return }
        changesSinceSweep = 0
        if (try? recovering { try sweepsSlice($0) }) == true { hasLeftovers = true }
    }

    /// Has the log copied into the file where it has become long.
    func shortenLog() {
        guard let file, file.log.pages >= Checkpointer.pagesDue else { return }
        if file.log.pages < Checkpointer.pagesOverdue {
            checkpointer.begin()
        } else {
            try? file.connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        }
    }

    private func performOneByOne(_ requests: [WriteBacklog<WriteOperation>.Request]) {
        for (index, request) in requests.enumerated() {
            do {
                let outcome = try recovering { file in
                    try file.connection.write { try apply(request.operation, to: file) }
                }
                noteCommit(of: [request])
                request.completion.resume(returning: outcome)
            } catch let error as SQLiteError where error.isBusy {
                return fail(requests[index...], error)
            } catch {
                fail([request], error)
            }
        }
    }

    private func performMaintenance(_ request: WriteBacklog<WriteOperation>.Request) {
        do {
            let outcome = try recovering { try apply(request.operation, to: $0) }
            request.completion.resume(returning: outcome)
        } catch {
            fail([request], error)
        }
    }

    private func fail(_ requests: ArraySlice<WriteBacklog<WriteOperation>.Request>, _ error: any Error) {
        let failure = SQLiteStoreError.describing(error, path: location.path)
        noteFailure(failure)
        for request in requests { request.completion.resume(throwing: failure) }
    }

    private func apply(_ operation: WriteOperation, to file: StoreFile) throws -> WriteOutcome {
        var outcome = WriteOutcome()
        switch operation {
        case .put(let rows):
            try file.put(rows)
        case .fill(let rows):
            outcome.isFilled = try file.fill(rows, now: now())
        case .bury(let keys, let milliseconds):
            let now = now()
            try file.bury(keys, until: now + milliseconds, now: now)
        case .remove(let keys):
            let now = now()
            for key in keys where try file.remove(key, now: now) { outcome.removal.live += 1 }
        case .removeVersions(let removals):
            outcome.removal.live = try file.remove(removals, now: now())
        case .removeSome(let range, let limit):
            outcome.removal = try file.remove(range, limit: limit, now: now())
        case .sweep:
            outcome.removal.rows = try sweep(file)
        case .checkpoint:
            try file.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        case .reopen(let generation, let isDamaged):
            if generation == self.generation { try reopen(isDamaged: isDamaged) }
        }
        return outcome
    }

    private func noteCommit(of requests: [WriteBacklog<WriteOperation>.Request]) {
        let writes = requests.reduce(0) { $0 + $1.operation.writes }
        tally.update {
            $0.batches += 1
            $0.writes += writes
        }
        changesSinceSweep += writes
        if isDiskFull {
            isDiskFull = false
            logger.info("There is room to write to the store again.", metadata: ["path": "\(location.path)"])
        }
    }

    private func noteFailure(_ error: any Error) {
        guard let error = error as? SQLiteStoreError, error.code == .diskFull else { return }
        // The log may hold what its file already has room for.
        try? file?.connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        guard !isDiskFull else { return }
        isDiskFull = true
        logger.warning(
            "The disk of the store is full. Writes fail until there is room; reads go on.",
            metadata: ["path": "\(location.path)", "error": "\(error)"]
        )
    }
}
