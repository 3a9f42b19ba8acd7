import SQLite

/// The tombstones of a file, in a table of their own: what reads, lists and evicts entries never meets them.
struct TombstoneTable {
    private let put: Statement
    private let remove: Statement
    private let removeExpired: Statement
    private let removeNextToExpire: Statement
    private let expiredExists: Statement
    private let lastGivenUp: Statement
    private let noteGivenUp: Statement
    private let connection: Connection

    init(_ connection: Connection) throws(SQLiteError) {
        self.connection = connection
        put = try connection.prepare(
            """
            INSERT INTO tombstone (key, version, expires_at) VALUES (?1, ?2, ?3)
            ON CONFLICT (key) DO UPDATE SET version = excluded.version, expires_at = excluded.expires_at
            """
        )
        remove = try connection.prepare("DELETE FROM tombstone WHERE key = ?1")
        removeExpired = try connection.prepare(
            """
            DELETE FROM tombstone
            WHERE key IN (SELECT key FROM tombstone WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)
            """
        )
        removeNextToExpire = try connection.prepare(
            """
            DELETE FROM tombstone WHERE key IN (SELECT key FROM tombstone ORDER BY expires_at LIMIT ?1)
            RETURNING expires_at
            """
        )
        expiredExists = try connection.prepare("SELECT EXISTS (SELECT 1 FROM tombstone WHERE expires_at <= ?1)")
        lastGivenUp = try connection.prepare("SELECT tombstones_given_up_until FROM state")
        noteGivenUp = try connection.prepare(
            "UPDATE state SET tombstones_given_up_until = max(tombstones_given_up_until, ?1)"
        )
    }

    func put(_ key: [UInt8], version: Int64, expiresAt: Int64) throws(SQLiteError) {
        try put.bind(key, at: 1)
        try put.bind(version, at: 2)
        try put.bind(expiresAt, at: 3)
        try put.run()
    }

    func remove(_ key: [UInt8]) throws(SQLiteError) {
        try remove.bind(key, at: 1)
        try remove.run()
    }

    /// Removes some of the tombstones whose life has ended.
    ///
    /// - Returns: How many were removed.
    func removeExpired(limit: Int, now: Int64) throws(SQLiteError) -> Int {
        try removeExpired.bind(now, at: 1)
        try removeExpired.bind(Int64(limit), at: 2)
        try removeExpired.run()
        return connection.changes
    }

    /// Whether there are tombstones whose life has ended.
    func hasExpired(now: Int64) throws(SQLiteError) -> Bool {
        try expiredExists.bind(now, at: 1)
        return try expiredExists.integer() != 0
    }

    /// Gives up some tombstones before their end, for room.
    ///
    /// From now on the file cannot know which keys they were, so that until the last of them would have ended, no
    /// fill over a vacant key is written.
    ///
    /// - Returns: How many were removed.
    func giveUp(limit: Int) throws(SQLiteError) -> Int {
        var count = 0
        var last = Int64.min
        try removeNextToExpire.bind(Int64(limit), at: 1)
        do {
            defer { removeNextToExpire.reset() }
            while try removeNextToExpire.step() {
                count += 1
                last = max(last, removeNextToExpire.integer(at: 0))
            }
        }
        guard count > 0 else { return 0 }
        try noteGivenUp.bind(last, at: 1)
        try noteGivenUp.run()
        return count
    }

    /// Whether tombstones were given up that would still stand.
    func hasGivenUp(now: Int64) throws(SQLiteError) -> Bool {
        Int64(try lastGivenUp.integer()) > now
    }
}
