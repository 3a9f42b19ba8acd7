/// What the file looks like inside.
enum StoreSchema {
    /// The number in the file's header that says whose file it is: "Lard" in ASCII.
    static let applicationIdentifier: Int64 = 0x4C61_7264

    /// Grows with each change of the tables.
    ///
    /// A file of another version is emptied: it is a cache.
    static let version: Int64 = 2

    /// The oldest SQLite that knows all statements; `RETURNING` is the youngest of their parts.
    static let oldestLibrary = 3_035_000

    // A tombstone is a row of a table of its own, and a key is in one of the two tables at most. Small columns stand before the value, so that reading them never walks the pages of a large value. The
    // original time to live bounds the remaining life when the wall clock is set back.
    static let creation = """
        CREATE TABLE entry (
            key BLOB NOT NULL PRIMARY KEY,
            version INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            time_to_live INTEGER NOT NULL,
            value BLOB NOT NULL
        );
        CREATE INDEX entry_by_expiry ON entry (expires_at);
        CREATE TABLE tombstone (
            key BLOB NOT NULL PRIMARY KEY,
            version INTEGER NOT NULL,
            expires_at INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX tombstone_by_expiry ON tombstone (expires_at);
        CREATE TABLE state (
            newest_version INTEGER NOT NULL,
            tombstones_given_up_until INTEGER NOT NULL
        );
        INSERT INTO state VALUES (abs(random() / 4), 0);
        PRAGMA application_id = \(applicationIdentifier);
        PRAGMA user_version = \(version);
        """

    static let objectCount = "SELECT count(*) FROM sqlite_schema"
    static let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
}
