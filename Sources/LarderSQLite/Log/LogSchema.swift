/// What the file of a log looks like inside.
enum LogSchema {
    /// The number in the file's header that says whose file it is: "LarL" in ASCII.
    static let applicationIdentifier: Int64 = 0x4C61_724C

    /// Grows with each change of the tables; a file of another version is emptied, which begins a new epoch.
    static let version: Int64 = 1

    // Offsets are never given twice, not even when all records are gone.
    static let creation = """
        CREATE TABLE record (
            log_offset INTEGER PRIMARY KEY AUTOINCREMENT,
            appended_at INTEGER NOT NULL,
            body BLOB NOT NULL
        );
        CREATE TABLE log_state (
            epoch INTEGER NOT NULL,
            trimmed_through INTEGER NOT NULL,
            boot TEXT NOT NULL
        );
        INSERT INTO log_state VALUES (random(), 0, '');
        PRAGMA application_id = \(applicationIdentifier);
        PRAGMA user_version = \(version);
        """

    /// Begins a new epoch.
    static let restart = """
        DELETE FROM record;
        UPDATE log_state SET epoch = random(), trimmed_through =
            coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'record'), 0);
        """
}
