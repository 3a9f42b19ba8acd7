import SQLite

extension LogFile {
    /// Opens or creates the file of a log.
    ///
    /// A power cut may take the newest records with it, which readers of the store would not notice: after a new start
    /// of the machine the log begins a new epoch.
    ///
    /// - Precondition: The caller has the location locked for replacing.
    static func open(_ path: String, configuration: SQLiteInvalidationLog.Configuration) throws -> LogFile {
        guard Connection.libraryVersion >= StoreSchema.oldestLibrary else {
            throw SQLiteStoreError(.cannotOpen, "The SQLite of this system is too old. Install 3.35 or newer.")
        }
        let connection = try Connection(path: path, mode: .create, busyTimeout: configuration.busyTimeout)
        let identifier = try connection.integer("PRAGMA application_id")
        let isNew = try identifier == 0 && connection.integer(StoreSchema.objectCount) == 0
        guard isNew || identifier == LogSchema.applicationIdentifier else {
            throw SQLiteStoreError(
                .foreignDatabase,
                "'\(path)' is a SQLite database of something else. It was left as it is; use another path for the log."
            )
        }
        connection.keepWriteAheadLog()
        try StoreFile.enterWriteAheadLog(connection, path: path)
        try connection.execute(
            """
            PRAGMA synchronous = NORMAL;
            PRAGMA temp_store = MEMORY;
            PRAGMA trusted_schema = 0;
            PRAGMA cell_size_check = 1;
            PRAGMA journal_size_limit = 16777216;
            """
        )
        try prepare(connection, boot: configuration.bootIdentifier)
        return try LogFile(connection)
    }

    private static func prepare(_ connection: Connection, boot: String) throws {
        let isCurrent = try connection.integer("PRAGMA user_version") == LogSchema.version
        if isCurrent, try connection.texts("SELECT boot FROM log_state") == [boot] { return }
        try connection.write {
            // Another process may have come first.
            if try connection.integer("PRAGMA user_version") != LogSchema.version {
                for table in try connection.texts(StoreSchema.tables) {
                    try connection.execute("DROP TABLE \"\(table.replacing("\"", with: "\"\""))\"")
                }
                try connection.execute(LogSchema.creation)
            }
            guard try connection.texts("SELECT boot FROM log_state") != [boot] else { return }
            try connection.execute(LogSchema.restart)
            let note = try connection.prepare("UPDATE log_state SET boot = CAST(?1 AS TEXT)")
            try note.bind(Array(boot.utf8), at: 1)
            try note.run()
        }
    }
}
