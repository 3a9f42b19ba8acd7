import Foundation
public import Larder
public import Logging

/// A journal in one SQLite file, which one process at a time owns.
///
/// ```swift
/// let journal = try SQLiteWriteJournal(path: "/var/lib/notes/views.journal")
/// ```
///
/// Writes that come at the same time are committed together, so that a hundred callers wait for one sync of the disk.
/// The owner holds a lock that the system releases when its process ends, so that a restart takes the journal over at
/// once. An owner that lives and no longer shows it, because it was stopped for example, loses the journal after
/// ``Configuration/leaseDuration`` to the next one who opens it; whatever it does later is refused.
///
/// A damaged file is set aside under a name that ends in `.corrupt-1` and so on; what can be read of it goes into a new
/// file, and the loss is reported.
public final class SQLiteWriteJournal: Sendable {
    private let location: StoreLocation
    private let configuration: Configuration
    private let clock: any Clock<Duration>
    private let queue: WriteQueue<JournalOperation>

    /// Names the file of a journal, which is opened, or created, when it is first used.
    ///
    /// - Parameters:
    ///   - path: The path of the file, on a local disk. Its folder must exist. The names of its companions begin with
    ///     it: `-wal`, `-shm`, `-owner`, and `.corrupt-1` and so on for damaged files.
    ///   - configuration: The bounds of the journal.
    ///   - clock: The clock by which an owner is watched that shows no life.
    ///   - logger: Where the journal tells that it set a damaged file aside.
    /// - Throws: ``SQLiteStoreError`` if the configuration is out of range or the folder does not exist.
    public init(
        path: String,
        configuration: Configuration = Configuration(),
        clock: any Clock<Duration> = ContinuousClock(),
        logger: Logger = .current
    ) throws {
        try configuration.validate()
        self.configuration = configuration
        self.clock = clock
        location = try StoreLocation(path: path)
        queue = WriteQueue(maximumWrites: configuration.maximumQueuedWrites, maximumBytes: 256 << 20)
        JournalWriter(location: location, configuration: configuration, logger: logger, queue: queue).start()
    }

    deinit {
        queue.close()
    }

    /// How many writes wait for the disk.
    package var pendingWrites: Int { queue.pendingWrites }

    /// Copies the write-ahead log into the file, which else happens every few megabytes.
    package func compact() async throws {
        _ = try await queue.perform(.checkpoint)
    }
}

extension SQLiteWriteJournal: WriteJournal {
    /// A quarter of the lease's duration.
    public var leaseRenewalInterval: Duration { configuration.leaseDuration / 4 }

    /// Takes the lease, and reads and checks everything that the file holds.
    ///
    /// If another process has the journal, this waits for it to end, up to ``Configuration/takeOverTimeout``.
    public func open() async throws -> JournalContents {
        var heartbeat: Int64?
        var stillness = Duration.zero
        var waited = Duration.zero
        let pause = min(Duration.milliseconds(50), configuration.leaseDuration / 8)
        while true {
            switch try await takeLease(byForce: false) {
            case .taken(let contents): return contents
            case .refused(let beat):
                if beat != heartbeat { stillness = .zero }
                heartbeat = beat
            }
            if stillness >= configuration.leaseDuration,
                case .taken(let contents) = try await takeLease(byForce: true)
            {
                return contents
            }
            guard waited < configuration.takeOverTimeout else {
                throw CacheError(
                    .journalInUse,
                    """
                    Another process has the journal '\(location.path)'. Stop it, or give each process a journal of its \
                    own.
                    """
                )
            }
            try await clock.sleep(for: pause)
            stillness += pause
            waited += pause
        }
    }

    private func takeLease(byForce isForced: Bool) async throws -> LeaseOutcome {
        guard case .lease(let outcome) = try await queue.perform(.takeLease(byForce: isForced)) else {
            return .refused(heartbeat: 0)
        }
        return outcome
    }

    /// Keeps records, together with all others that wait, in one transaction and with one sync of the disk.
    public func append(_ records: [JournalRecord]) async throws {
        _ = try await queue.perform(.append(records))
    }

    /// Notes that records are about to be handed to the sink.
    public func claim(_ claims: [JournalClaim]) async throws {
        _ = try await queue.perform(.claim(claims))
    }

    /// Forgets what is done, and moves what was given up to the dead letters.
    public func settle(_ settlements: [JournalSettlement]) async throws {
        _ = try await queue.perform(.settle(settlements))
    }

    /// Shows that the owner is alive.
    public func renewLease() async throws -> [DeadLetter] {
        try await letters(.renewLease)
    }

    /// Makes pending records of dead letters.
    public func revive(_ records: [JournalRecord]) async throws {
        _ = try await queue.perform(.revive(records))
    }

    /// Lists dead letters; for this the lease is not needed.
    public func deadLetters(after number: UInt64?, limit: Int) async throws -> [DeadLetter] {
        try await letters(.list(after: number, limit: limit))
    }

    /// Asks the owner to try dead letters again; for this the lease is not needed.
    @discardableResult
    public func requestReplay(of numbers: [UInt64]?) async throws -> Int {
        try await count(.requestReplay(numbers))
    }

    /// Forgets dead letters; for this the lease is not needed.
    @discardableResult
    public func dropDeadLetters(_ numbers: [UInt64]?) async throws -> Int {
        try await count(.drop(numbers))
    }

    /// Finishes what was begun, gives the lease back, and closes the file.
    public func close() async {
        await queue.closeAndWait()
    }

    private func letters(_ operation: JournalOperation) async throws -> [DeadLetter] {
        guard case .letters(let letters) = try await queue.perform(operation) else { return [] }
        return letters
    }

    private func count(_ operation: JournalOperation) async throws -> Int {
        guard case .count(let count) = try await queue.perform(operation) else { return 0 }
        return count
    }
}
