public import Larder
import SQLite

/// A queue in an SQLite file, which survives crashes of the process and of the machine.
///
/// One process at a time may use a file.
public actor SQLitePurgeQueue: PurgeQueue {
    private let connection: Connection
    private let insert: Statement
    private let delete: Statement
    private let select: Statement
    private let count: Statement
    private let readPosition: Statement
    private let writePosition: Statement

    /// Opens or creates a file.
    ///
    /// - Parameter path: An absolute path.
    /// - Throws: ``EdgeError`` with the code `queueUnavailable` if the file cannot be opened.
    public init(path: String) throws(EdgeError) {
        do {
            let connection = try Connection(path: path, mode: .create, busyTimeout: .seconds(5))
            try connection.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")
            try connection.execute(Self.schema)
            insert = try connection.prepare(Self.insertion)
            delete = try connection.prepare(
                "DELETE FROM purge WHERE purger = ? AND kind = ? AND text = ? AND echo = ? AND number = ?"
            )
            select = try connection.prepare(
                """
                SELECT kind, text, soft, echo, due, added, number FROM purge WHERE purger = ? AND due <= ?
                ORDER BY due, number LIMIT ?
                """
            )
            count = try connection.prepare(
                "SELECT count(*), coalesce(min(added), -1) FROM purge WHERE purger = ? AND echo = 0"
            )
            readPosition = try connection.prepare("SELECT epoch, offset FROM position")
            writePosition = try connection.prepare(
                "INSERT OR REPLACE INTO position (id, epoch, offset) VALUES (0, ?, ?)"
            )
            self.connection = connection
        } catch {
            throw Self.unavailable(error)
        }
    }

    private static let schema = """
        CREATE TABLE IF NOT EXISTS purge (
            purger TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, echo INTEGER NOT NULL,
            soft INTEGER NOT NULL, due INTEGER NOT NULL, added INTEGER NOT NULL, number INTEGER NOT NULL,
            PRIMARY KEY (purger, kind, text, echo)
        ) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS purge_due ON purge (purger, due);
        CREATE INDEX IF NOT EXISTS purge_number ON purge (number);
        CREATE TABLE IF NOT EXISTS position (
            id INTEGER PRIMARY KEY CHECK (id = 0), epoch INTEGER NOT NULL, offset INTEGER NOT NULL
        );
        """

    private static let insertion = """
        INSERT INTO purge (purger, kind, text, echo, soft, due, added, number)
        VALUES (?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(number), 0) + 1 FROM purge))
        ON CONFLICT DO UPDATE SET soft = min(soft, excluded.soft), due = excluded.due, number = excluded.number
        """

    /// Reads the position.
    public func position() async throws(EdgeError) -> LogPosition? {
        try attempt {
            defer { readPosition.reset() }
            guard try readPosition.step() else { return nil }
            return LogPosition(
                epoch: UInt64(bitPattern: readPosition.integer(at: 0)),
                offset: UInt64(bitPattern: readPosition.integer(at: 1))
            )
        }
    }

    /// Adds in one transaction.
    public func add(_ purges: [PendingPurge], movingTo position: LogPosition?) async throws(EdgeError) {
        try attempt {
            try connection.write {
                for purge in purges { try add(purge) }
                guard let position else { return }
                try writePosition.bind(Int64(bitPattern: position.epoch), at: 1)
                try writePosition.bind(Int64(bitPattern: position.offset), at: 2)
                try writePosition.run()
            }
        }
    }

    /// Reads by the index of due times.
    public func purges(of purger: String, dueAt now: Int64, limit: Int) async throws(EdgeError) -> [PendingPurge] {
        try attempt {
            defer { select.reset() }
            try select.bind(purger, at: 1)
            try select.bind(now, at: 2)
            try select.bind(Int64(limit), at: 3)
            var purges: [PendingPurge] = []
            while try select.step() {
                guard let kind = EdgeSelector.Kind(rawValue: select.text(at: 0)),
                    let selector = EdgeSelector(kind, select.text(at: 1))
                else { continue }
                var purge = PendingPurge(
                    purger: purger,
                    request: PurgeRequest(selector, isSoft: select.integer(at: 2) != 0),
                    isEcho: select.integer(at: 3) != 0,
                    due: select.integer(at: 4),
                    addedAt: select.integer(at: 5)
                )
                purge.number = select.integer(at: 6)
                purges.append(purge)
            }
            return purges
        }
    }

    /// Removes and adds in one transaction.
    public func settle(_ purges: [PendingPurge], adding echoes: [PendingPurge]) async throws(EdgeError) {
        try attempt {
            try connection.write {
                for echo in echoes { try add(echo) }
                for purge in purges {
                    try bind(purge, to: delete)
                    try delete.bind(purge.number, at: 5)
                    try delete.run()
                }
            }
        }
    }

    /// Counts what waits.
    public func backlog(of purger: String) async throws(EdgeError) -> (count: Int, oldest: Int64?) {
        try attempt {
            defer { count.reset() }
            try count.bind(purger, at: 1)
            guard try count.step() else { return (0, nil) }
            let oldest = count.integer(at: 1)
            return (Int(count.integer(at: 0)), oldest < 0 ? nil : oldest)
        }
    }

    private func add(_ purge: PendingPurge) throws(SQLiteError) {
        try bind(purge, to: insert)
        try insert.bind(Int64(purge.request.isSoft ? 1 : 0), at: 5)
        try insert.bind(purge.due, at: 6)
        try insert.bind(purge.addedAt, at: 7)
        try insert.run()
    }

    /// Binds what tells a purge from others.
    private func bind(_ purge: PendingPurge, to statement: Statement) throws(SQLiteError) {
        try statement.bind(purge.purger, at: 1)
        try statement.bind(purge.request.selector.kind.rawValue, at: 2)
        try statement.bind(purge.request.selector.text, at: 3)
        try statement.bind(Int64(purge.isEcho ? 1 : 0), at: 4)
    }

    private func attempt<Value>(_ body: () throws -> Value) throws(EdgeError) -> Value {
        do { return try body() } catch { throw Self.unavailable(error) }
    }

    private static func unavailable(_ error: any Error) -> EdgeError {
        EdgeError(
            .queueUnavailable,
            "The queue of purges cannot be used. Look at its file, its rights, and the room on the disk.",
            underlyingError: error
        )
    }
}
