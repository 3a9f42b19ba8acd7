import SQLite

extension StoreFile {
    /// Opens or creates the file of a store.
    ///
    /// - Throws: ``SQLiteStoreError`` with ``SQLiteStoreError/Code/foreignDatabase`` for a file of another program,
    ///   which stays as it is; a ``SQLiteError`` for anything that SQLite refuses, damage included.
    /// - Precondition: The caller has the location locked for replacing.
    static func open(_ path: String, configuration: SQLiteStore.Configuration) throws -> StoreFile {
        guard Connection.libraryVersion >= StoreSchema.oldestLibrary else {
            throw SQLiteStoreError(.cannotOpen, "The SQLite of this system is too old. Install 3.35 or newer.")
        }
        let connection = try Connection(path: path, mode: .create, busyTimeout: configuration.busyTimeout)
        // Nothing is written to the file before it is known to be ours.
        let content = try content(of: connection, path: path)
        connection.keepWriteAheadLog()
        try enterWriteAheadLog(connection, path: path)
        if content != .current { try create(connection, path: path) }
        try configure(connection, configuration)
        if let pages = configuration.maximumPages { try connection.execute("PRAGMA max_page_count = \(pages)") }
        return try StoreFile(connection, path: path)
    }

    /// Sets what both readers and the writer need.
    ///
    /// A memory map is not faster, and it ends the process when somebody truncates the file.
    static func configure(_ connection: Connection, _ configuration: SQLiteStore.Configuration) throws(SQLiteError) {
        try connection.execute(
            """
            PRAGMA synchronous = NORMAL;
            PRAGMA secure_delete = 0;
            PRAGMA temp_store = MEMORY;
            PRAGMA trusted_schema = 0;
            PRAGMA cell_size_check = 1;
            PRAGMA journal_size_limit = 16777216;
            PRAGMA cache_size = -\(configuration.pageCacheBytes >> 10);
            PRAGMA mmap_size = 0;
            """
        )
    }

    private enum Content {
        case none
        case current
        case otherVersion
    }

    private static func content(of connection: Connection, path: String) throws -> Content {
        let identifier = try connection.integer("PRAGMA application_id")
        guard identifier == StoreSchema.applicationIdentifier else {
            if identifier == 0, try isEmpty(connection) { return .none }
            throw SQLiteStoreError(
                .foreignDatabase,
                "'\(path)' is a SQLite database of another program. It was left as it is; use another path."
            )
        }
        return try connection.integer("PRAGMA user_version") == StoreSchema.version ? .current : .otherVersion
    }

    private static func isEmpty(_ connection: Connection) throws(SQLiteError) -> Bool {
        do {
            return try connection.integer(StoreSchema.objectCount) == 0
        } catch {
            // What this version of SQLite does not understand, others may.
            if error.isSchemaChange { return false }
            throw error
        }
    }

    private static func create(_ connection: Connection, path: String) throws {
        try connection.write {
            // Another process may have come first.
            switch try content(of: connection, path: path) {
            case .current: return
            case .otherVersion:
                for table in try connection.texts(StoreSchema.tables) {
                    try connection.execute("DROP TABLE \"\(table.replacing("\"", with: "\"\""))\"")
                }
            case .none: break
            }
            try connection.execute(StoreSchema.creation)
        }
    }

    /// Has a file keep its changes in a write-ahead log.
    static func enterWriteAheadLog(_ connection: Connection, path: String) throws {
        guard try journalMode(of: connection) != "wal" else { return }
        _ = try connection.texts("PRAGMA journal_mode = WAL")
        guard try journalMode(of: connection) == "wal" else {
            throw SQLiteStoreError(
                .cannotOpen,
                "The file system of '\(path)' cannot share memory between processes. Use a path on a local disk."
            )
        }
    }

    private static func journalMode(of connection: Connection) throws(SQLiteError) -> String? {
        try connection.texts("PRAGMA journal_mode").first
    }
}
