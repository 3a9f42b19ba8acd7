import Foundation
import Larder
import Logging
import SQLite

/// The one thread of a journal that touches the file.
///
/// Everything that waits goes into one transaction, and so shares one sync of the disk. If that fails, each operation
/// gets a transaction of its own, so that none fails because of its neighbours.
final class JournalWriter: @unchecked Sendable {
    // Sharing is safe because the thread is started after the initialiser has returned, and because nobody else keeps
    // a reference from then on.
    typealias Request = WriteBacklog<JournalOperation>.Request

    let location: StoreLocation
    let configuration: SQLiteWriteJournal.Configuration
    let logger: Logger
    private let queue: WriteQueue<JournalOperation>
    private let checkpointer: Checkpointer

    var file: JournalFile?
    /// The lock and the fence of the owner, once this is it.
    var lease: (lock: OwnerLock, fence: UInt64)?
    /// What was lost when a damaged file was set aside.
    var loss: JournalLoss?

    init(
        location: StoreLocation,
        configuration: SQLiteWriteJournal.Configuration,
        logger: Logger,
        queue: WriteQueue<JournalOperation>
    ) {
        self.location = location
        self.configuration = configuration
        self.logger = logger
        self.queue = queue
        checkpointer = Checkpointer(location: location, busyTimeout: configuration.busyTimeout)
    }

    /// Starts the thread, which ends when the queue is closed and empty.
    func start() {
        let thread = Thread { self.run() }
        thread.name = "larder.sqlite.journal"
        thread.start()
    }

    private func run() {
        while true {
            switch queue.next(waitingFor: .seconds(3_600)) {
            case .perform(let requests): perform(requests)
            case .wait: break
            case .end:
                checkpointer.finish()
                // What the log still holds is found by the next one who opens the file.
                try? file?.connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
                file = nil
                lease = nil
                queue.end()
                return
            }
        }
    }

    private func perform(_ requests: [Request]) {
        let changes = requests.filter(\.operation.isChange)
        do {
            try performTogether(changes)
        } catch {
            for request in changes { performAlone(request) }
        }
        for request in requests where !request.operation.isChange { performAlone(request) }
        shortenLog()
    }

    private func performTogether(_ requests: [Request]) throws {
        guard !requests.isEmpty else { return }
        let file = try openFile()
        try file.synchronize(requests.contains { $0.operation.needsSync })
        let outcomes = try file.connection.write { try apply(requests.map(\.operation), to: file) }
        for (request, outcome) in zip(requests, outcomes) { request.completion.resume(returning: outcome) }
    }

    private func performAlone(_ request: Request) {
        do {
            let outcome = try recovering { file in
                guard request.operation.isChange else { return try perform(request.operation, on: file) }
                try file.synchronize(request.operation.needsSync)
                return try file.connection.write { try apply([request.operation], to: file)[0] }
            }
            request.completion.resume(returning: outcome)
        } catch {
            makeRoom(after: error)
            request.completion.resume(throwing: SQLiteStoreError.describing(error, path: location.path))
        }
    }

    // MARK: Operations

    /// Applies changes within a transaction.
    private func apply(_ operations: [JournalOperation], to file: JournalFile) throws -> [JournalOperation.Outcome] {
        if operations.contains(where: \.needsLease) {
            // Within the transaction, so that nobody can take the lease between this look and the changes.
            guard let lease, try file.currentFence() == lease.fence else { throw Self.notOwner(location.path) }
        }
        return try operations.map { try apply($0, to: file) }
    }

    private func apply(_ operation: JournalOperation, to file: JournalFile) throws -> JournalOperation.Outcome {
        switch operation {
        case .append(let records):
            for record in records { try file.append(record) }
        case .claim(let claims):
            for claim in claims { try file.claim(claim) }
        case .settle(let settlements):
            if settlements.contains(where: { $0.deadLetter != nil }) { try checkDeadLetters(file) }
            for settlement in settlements { try file.settle(settlement) }
        case .revive(let records):
            for record in records { try file.revive(record) }
        case .renewLease:
            try file.beatHeart()
            return .letters(try file.wantedLetters())
        case .list(let number, let limit): return .letters(try file.letters(after: number, limit: limit))
        case .requestReplay(let numbers): return .count(try file.request(numbers))
        case .drop(let numbers): return .count(try file.drop(numbers))
        case .takeLease, .checkpoint: break
        }
        return .count(operation.writes)
    }

    private func perform(_ operation: JournalOperation, on file: JournalFile) throws -> JournalOperation.Outcome {
        if case .takeLease(let isForced) = operation { return .lease(try takeLease(file, byForce: isForced)) }
        try file.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return .count(1)
    }

    private func checkDeadLetters(_ file: JournalFile) throws {
        let limit = configuration.maximumDeadLetters
        guard try file.deadLetters(upTo: limit) < limit else {
            throw SQLiteStoreError(
                .overloaded,
                "There are \(limit) dead letters in '\(location.path)'. Replay or drop them; writes wait until then."
            )
        }
    }

    // MARK: Lease

    private func takeLease(_ file: JournalFile, byForce isForced: Bool) throws -> LeaseOutcome {
        if lease == nil {
            guard let lock = try OwnerLock.take(location.path + "-owner", byForce: isForced) else {
                return .refused(heartbeat: try file.heartbeat())
            }
            lease = (lock, try file.raiseFence())
        }
        return .taken(try contents(of: file))
    }

    static func notOwner(_ path: String) -> CacheError {
        CacheError(
            .journalInUse,
            "Another process has taken the journal '\(path)' over. Give each process a journal of its own."
        )
    }

    // MARK: Room

    private func shortenLog() {
        guard let file, file.log.pages >= Checkpointer.pagesDue else { return }
        if file.log.pages < Checkpointer.pagesOverdue {
            checkpointer.begin()
        } else {
            try? file.connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        }
    }

    private func makeRoom(after error: any Error) {
        guard (error as? SQLiteError)?.isOutOfSpace == true else { return }
        // The log may hold what its file already has room for.
        try? file?.connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
    }
}
