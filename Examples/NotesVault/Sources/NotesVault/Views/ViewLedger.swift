import GRDB
import Larder

/// How often each note was looked at, in a database of its own: the notes can be indexed anew, this cannot.
final class ViewLedger: WriteSink {
    private let queue: DatabaseQueue

    /// Opens the database, and makes it if there is none.
    init(path: String) throws {
        queue = try DatabaseQueue(path: path)
        try queue.write { db in
            try db.execute(
                sql: """
                    CREATE TABLE IF NOT EXISTS note_views (
                        note TEXT PRIMARY KEY, views INTEGER NOT NULL, sequence INTEGER NOT NULL
                    ) WITHOUT ROWID
                    """
            )
        }
    }

    /// How often a note was looked at, or `nil` if never.
    func views(of id: NoteID) async throws -> Int? {
        try await queue.read { db in
            try Int.fetchOne(db, sql: "SELECT views FROM note_views WHERE note = ?", arguments: [id.rawValue])
        }
    }

    /// Adds views; what comes a second time, or late, is told by its number.
    func write(_ writes: [SinkWrite<NoteID, Int>]) async throws -> [SinkResult] {
        try await queue.write { db in
            let statement = try db.cachedStatement(
                sql: """
                    INSERT INTO note_views VALUES (?, ?, ?)
                    ON CONFLICT (note) DO UPDATE SET views = views + excluded.views, sequence = excluded.sequence
                    WHERE sequence < excluded.sequence
                    """
            )
            return try writes.map { write in
                guard case .merge(let views) = write.change else { return .rejected(reason: "views are only added") }
                try statement.execute(arguments: [write.key.rawValue, views, Int64(write.sequence)])
                return .done
            }
        }
    }
}
