import Foundation
public import Larder
import MemoryCache

/// An invalidation log in one SQLite file, which the processes of a machine share.
///
/// A process sees what others have appended within 50 milliseconds: it looks for a change twenty times a second, which
/// takes a few microseconds each time. A process that was stopped reads on from where it was. When records were trimmed
/// that it has not read, or when the file was replaced, it is told of a gap.
///
/// ```swift
/// let log = try SQLiteInvalidationLog(path: "/var/cache/notes/invalidations.sqlite")
/// let position = try await log.append(InvalidationRecord(.tags(["author:7"]), in: "notes"))
/// ```
public final class SQLiteInvalidationLog: InvalidationLog {
    private static let batchLimit = 1_000

    private let configuration: Configuration
    private let writer: LogWriter
    private let reader: Locked<Reader>

    private struct Reader {
        let connection: LogConnection
        var isShutDown = false
    }

    /// What a reader has last seen of the file.
    private struct Sight: Equatable {
        let generation: Int
        let dataVersion: Int
    }

    /// Opens the file, or creates it.
    ///
    /// - Parameters:
    ///   - path: The path of the file, in a folder that exists; not that of a ``SQLiteStore``.
    ///   - configuration: The bounds of the log.
    /// - Throws: ``SQLiteStoreError`` if the configuration is out of range, if the file cannot be opened, or if it
    ///   belongs to something else. A damaged file is no error; it is set aside, which begins a new epoch.
    public convenience init(path: String, configuration: Configuration = Configuration()) throws {
        try self.init(path: path, configuration: configuration) { Int64(Date().timeIntervalSince1970 * 1_000) }
    }

    /// Opens the file with a clock of the caller.
    ///
    /// - Parameters:
    ///   - path: The path of the file.
    ///   - configuration: The bounds of the log.
    ///   - now: The wall clock, in milliseconds since 1970, by which records are trimmed.
    /// - Throws: ``SQLiteStoreError``, as with the system's clock.
    package init(path: String, configuration: Configuration, now: @escaping @Sendable () -> Int64) throws {
        try configuration.validate()
        let location = try StoreLocation(path: path)
        self.configuration = configuration
        writer = LogWriter(location: location, configuration: configuration, now: now)
        reader = Locked(Reader(connection: LogConnection(location: location, configuration: configuration)))
        _ = try look(after: nil, since: nil)
    }

    /// Appends the records in one transaction, together with all others that wait.
    public func append(_ records: [InvalidationRecord]) async throws -> LogPosition {
        guard !records.isEmpty else {
            throw CacheError(.invalidInvalidation, "There is nothing to append. Give at least one record.")
        }
        return try await writer.append(records.map { try $0.encoded() })
    }

    /// Reads on the calling thread, and looks again every 50 milliseconds while there is nothing.
    public func nextBatch(after position: LogPosition?, patience: Duration) async throws -> LogBatch {
        let deadline = ContinuousClock.now + patience
        var sight: Sight?
        while true {
            try Task.checkCancellation()
            let (batch, seen) = try look(after: position, since: sight)
            if let batch { return batch }
            sight = seen
            let left = ContinuousClock.now.duration(to: deadline)
            // A reader who knows nothing is always told of a gap.
            guard left > .zero else { return LogBatch(records: [], position: position ?? .init(epoch: 0, offset: 0)) }
            try await Task.sleep(for: min(left, configuration.pollInterval))
        }
    }

    /// Closes the file; calls that wait end within 50 milliseconds.
    public func shutdown() async {
        reader.withLock { reader in
            reader.isShutDown = true
            reader.connection.close()
        }
        await writer.shutdown()
    }

    /// Looks for records, unless nothing has changed since the last look.
    private func look(after position: LogPosition?, since sight: Sight?) throws -> (LogBatch?, Sight) {
        try reader.withLock { reader in
            guard !reader.isShutDown else { throw SQLiteStoreError.logShutDown }
            let connection = reader.connection
            return try connection.perform { file in
                let seen = Sight(generation: connection.generation, dataVersion: try file.dataVersion())
                guard seen != sight else { return (nil, seen) }
                return (try file.batch(after: position, limit: Self.batchLimit), seen)
            }
        }
    }
}

extension SQLiteInvalidationLog {
    /// The bounds of a log.
    public struct Configuration: Hashable, Sendable {
        /// How many records the log keeps, at least 1; 1,000,000 unless set.
        ///
        /// It may keep half as many more, or 256, until it trims them.
        public var maximumRecords = 1_000_000

        /// How old a record may be before it is trimmed, more than zero; 7 days unless set.
        ///
        /// Entries in the store that are older than the oldest record are invalid for a process that starts: let
        /// records live as long as entries do.
        public var maximumAge = Duration.seconds(7 * 86_400)

        /// How many bytes of records may wait for the writer, at least 1; 64 MiB unless set.
        public var maximumQueuedBytes = 64 << 20

        /// How long a call waits for the lock of another process, at most a minute; 1 second unless set.
        public var busyTimeout = Duration.seconds(1)

        /// How long to wait between two looks for records of others.
        package var pollInterval = Duration.milliseconds(50)

        /// Which start of the machine this is.
        package var bootIdentifier = BootIdentifier.current

        /// Makes a configuration of the default bounds.
        public init() {}

        func validate() throws {
            let faults = [
                (maximumRecords < 1, "maximumRecords is \(maximumRecords); use at least 1."),
                (maximumAge <= .zero, "maximumAge is \(maximumAge); use more than zero."),
                (maximumQueuedBytes < 1, "maximumQueuedBytes is \(maximumQueuedBytes); use at least 1."),
                (
                    busyTimeout < .zero || busyTimeout > .seconds(60),
                    "busyTimeout is \(busyTimeout); use a duration from zero to a minute."
                ),
            ]
            for (isFault, message) in faults where isFault {
                throw SQLiteStoreError(.invalidConfiguration, message)
            }
        }
    }
}
