public import Larder
import SQLite

/// Undelivered invalidations in an SQLite file, which survives crashes of the process and of the machine.
///
/// One process at a time may use a file.
///
/// ```swift
/// let caches = try CacheSystem(
///     store: RedisStore(url: url),
///     log: RedisInvalidationLog(url: url),
///     undelivered: SQLiteInvalidationQueue(path: "/var/lib/notes/undelivered.sqlite")
/// )
/// ```
public actor SQLiteInvalidationQueue: InvalidationQueue {
    private struct Opened {
        let connection: Connection
        let insert: Statement
        let delete: Statement
        let select: Statement
    }

    private var opened: Opened?

    /// Opens or creates a file.
    ///
    /// - Parameter path: An absolute path on a local disk. Its folder must exist.
    /// - Throws: ``SQLiteStoreError`` with the code `cannotOpen`.
    public init(path: String) throws {
        do {
            let connection = try Connection(path: path, mode: .create, busyTimeout: .seconds(5))
            try connection.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")
            // The numbers of what was removed do not come again.
            try connection.execute(
                """
                CREATE TABLE IF NOT EXISTS undelivered (
                    number INTEGER PRIMARY KEY AUTOINCREMENT, namespace TEXT NOT NULL, record BLOB NOT NULL
                )
                """
            )
            opened = Opened(
                connection: connection,
                insert: try connection.prepare(
                    "INSERT INTO undelivered (namespace, record) VALUES (?, ?) RETURNING number"
                ),
                delete: try connection.prepare("DELETE FROM undelivered WHERE number = ?"),
                select: try connection.prepare("SELECT number, namespace, record FROM undelivered ORDER BY number")
            )
        } catch {
            throw SQLiteStoreError(
                .cannotOpen,
                "The queue of invalidations '\(path)' cannot be opened. Look at its folder and its rights.",
                underlyingError: error
            )
        }
    }

    /// Reads by the numbers; a record that cannot be read stands for all of its namespace.
    public func contents() async throws -> [UndeliveredInvalidation] {
        let opened = try stillOpened()
        defer { opened.select.reset() }
        var contents: [UndeliveredInvalidation] = []
        while try opened.select.step() {
            let everything = InvalidationRecord(.everything, in: opened.select.text(at: 1))
            contents.append(
                UndeliveredInvalidation(
                    number: opened.select.integer(at: 0),
                    record: (try? InvalidationRecord(encoded: opened.select.bytes(at: 2))) ?? everything
                )
            )
        }
        return contents
    }

    /// Adds and removes in one transaction.
    public func change(adding added: [InvalidationRecord], removing numbers: [Int64]) async throws -> [Int64] {
        let opened = try stillOpened()
        return try opened.connection.write {
            for number in numbers {
                try opened.delete.bind(number, at: 1)
                try opened.delete.run()
            }
            return try added.map { record in
                try opened.insert.bind(record.namespace, at: 1)
                try opened.insert.bind(record.encoded(), at: 2)
                return Int64(try opened.insert.integer())
            }
        }
    }

    private func stillOpened() throws -> Opened {
        guard let opened else { throw SQLiteStoreError(.shutDown, "The queue of invalidations was closed.") }
        return opened
    }

    /// Closes the file.
    public func close() async { opened = nil }
}
