import Foundation
import Larder
import SQLite

extension JournalFile {
    /// Opens or creates the file of a journal.
    ///
    /// - Throws: ``SQLiteStoreError`` for a file of another program or of a newer version, which stays as it is; a
    ///   ``SQLiteError`` for anything that SQLite refuses, damage included.
    /// - Precondition: The caller has the location locked for replacing.
    static func open(_ path: String, configuration: SQLiteWriteJournal.Configuration) throws -> JournalFile {
        guard Connection.libraryVersion >= StoreSchema.oldestLibrary else {
            throw SQLiteStoreError(.cannotOpen, "The SQLite of this system is too old. Install 3.35 or newer.")
        }
        let connection = try Connection(path: path, mode: .create, busyTimeout: configuration.busyTimeout)
        let isNew = try check(connection, path: path)
        connection.keepWriteAheadLog()
        try StoreFile.enterWriteAheadLog(connection, path: path)
        try connection.execute(
            """
            PRAGMA synchronous = FULL;
            PRAGMA fullfsync = 1;
            PRAGMA temp_store = MEMORY;
            PRAGMA trusted_schema = 0;
            PRAGMA cell_size_check = 1;
            PRAGMA journal_size_limit = 16777216;
            PRAGMA mmap_size = 0;
            """
        )
        if isNew {
            try create(connection, path: path)
            // So that tools that look at the first bytes of the file know it from the start.
            try connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        }
        if let pages = configuration.maximumPages { try connection.execute("PRAGMA max_page_count = \(pages)") }
        return try JournalFile(connection, path: path)
    }

    /// Says whether the file is empty, and refuses what is no journal.
    private static func check(_ connection: Connection, path: String) throws -> Bool {
        let identifier = try connection.integer("PRAGMA application_id")
        if identifier == 0, try connection.integer(StoreSchema.objectCount) == 0 { return true }
        guard identifier == JournalSchema.applicationIdentifier else {
            throw SQLiteStoreError(
                .foreignDatabase,
                "'\(path)' is a SQLite database of another program. It was left as it is; use another path."
            )
        }
        let version = try connection.integer("PRAGMA user_version")
        guard version == JournalSchema.version else {
            throw SQLiteStoreError(
                .cannotOpen,
                """
                The journal '\(path)' has the version \(version), and this program knows \(JournalSchema.version). It \
                was left as it is; use the program that wrote it.
                """
            )
        }
        return false
    }

    private static func create(_ connection: Connection, path: String) throws {
        try connection.write {
            // Another process may have come first.
            guard try check(connection, path: path) else { return }
            let minutes = UInt64(max(1, Date().timeIntervalSince1970 / 60))
            try connection.execute(
                JournalSchema.creation(identifier: .random(in: 1...UInt64.max), fence: minutes)
            )
        }
    }
}
