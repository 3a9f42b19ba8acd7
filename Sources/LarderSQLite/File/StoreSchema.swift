/// What the file looks like inside.
enum StoreSchema {
    /// The number in the file's header that says whose file it is: "Lard" in ASCII.
    static let applicationIdentifier: Int64 = 0x4C61_7264

    /// Grows with each change of the tables.
    ///
    /// A file of another version is emptied: it is a cache.
    static let version: Int64 = 1

    /// The oldest SQLite that knows all statements; `RETURNING` is the youngest of their parts.
    static let oldestLibrary = 3_035_000

    // Small columns stand before the value, so that reading them never walks the pages of a large value. The
    // original time to live bounds the remaining life when the wall clock is set back.
    static let creation = """
        CREATE TABLE entry (
            key BLOB NOT NULL PRIMARY KEY,
            expires_at INTEGER NOT NULL,
            time_to_live INTEGER NOT NULL,
            value BLOB NOT NULL
        );
        CREATE INDEX entry_by_expiry ON entry (expires_at);
        PRAGMA application_id = \(applicationIdentifier);
        PRAGMA user_version = \(version);
        """

    static let objectCount = "SELECT count(*) FROM sqlite_schema"
    static let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
}
