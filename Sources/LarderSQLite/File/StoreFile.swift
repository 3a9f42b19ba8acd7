import Larder
import SQLite

/// The file, opened for writing, and the statements that change it.
///
/// It belongs to the thread of the writer.
final class StoreFile {
    let connection: Connection
    let path: String

    private let put: Statement
    private let remove: Statement
    private let removeBounded: Statement
    private let removeUnbounded: Statement
    private let removeExpired: Statement
    private let removeRow: Statement
    private let nextToExpire: Statement
    private let expiredExists: Statement
    /// Hands out the versions of what is written.
    let versions: VersionCounter
    /// The tombstones.
    let tombstones: TombstoneTable
    /// How long the write-ahead log is.
    let log: LogLength
    /// How many bytes the pages take that hold something.
    let usedBytes: UsedBytes

    init(_ connection: Connection, path: String) throws(SQLiteError) {
        self.connection = connection
        self.path = path
        log = connection.measureWriteAheadLog()
        put = try connection.prepare(
            """
            INSERT INTO entry (key, version, expires_at, time_to_live, value) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (key) DO UPDATE
            SET version = excluded.version, expires_at = excluded.expires_at, time_to_live = excluded.time_to_live,
                value = excluded.value
            """
        )
        // Expired rows go too, and are not counted: a clock that is set back must not bring a removed key to life.
        remove = try connection.prepare("DELETE FROM entry WHERE key = ?1 RETURNING expires_at > ?2")
        removeBounded = try connection.prepare(Self.removal(where: "key >= ?1 AND key < ?4"))
        removeUnbounded = try connection.prepare(Self.removal(where: "key >= ?1"))
        removeExpired = try connection.prepare(
            """
            DELETE FROM entry
            WHERE rowid IN (SELECT rowid FROM entry WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)
            """
        )
        removeRow = try connection.prepare("DELETE FROM entry WHERE rowid = ?1")
        nextToExpire = try connection.prepare(
            "SELECT rowid, length(key) + length(value), expires_at FROM entry ORDER BY expires_at LIMIT ?1"
        )
        expiredExists = try connection.prepare("SELECT EXISTS (SELECT 1 FROM entry WHERE expires_at <= ?1)")
        versions = try VersionCounter(connection)
        tombstones = try TombstoneTable(connection)
        usedBytes = try UsedBytes(connection)
    }

    private static func removal(where condition: String) -> String {
        """
        DELETE FROM entry WHERE rowid IN (SELECT rowid FROM entry WHERE \(condition) LIMIT ?3)
        RETURNING expires_at > ?2
        """
    }
}

// MARK: - Changes

extension StoreFile {
    /// Writes a row over the entry or the tombstone that its key holds.
    func put(_ row: StoreRow, version: Int64) throws(SQLiteError) {
        try tombstones.remove(row.key)
        try put.bind(row.key, at: 1)
        try put.bind(version, at: 2)
        try put.bind(row.expiresAt, at: 3)
        try put.bind(row.timeToLive, at: 4)
        try put.run(borrowing: row.value, at: 5)
    }

    /// Removes the entry of a key, and leaves a tombstone.
    ///
    /// - Returns: Whether it was alive.
    func remove(_ key: StoreKey, now: Int64) throws(SQLiteError) -> Bool {
        try remove.bind(key.bytes, at: 1)
        try remove.bind(now, at: 2)
        return try countRemoved(by: remove).live > 0
    }

    /// Removes some rows of a range.
    ///
    /// - Returns: How many rows were removed, and how many of them were alive. Fewer rows than `limit` mean that the
    ///   range is empty.
    func remove(_ range: KeyRange, limit: Int, now: Int64) throws(SQLiteError) -> Removal {
        let statement = range.upperBound == nil ? removeUnbounded : removeBounded
        try statement.bind(range.lowerBound, at: 1)
        try statement.bind(now, at: 2)
        try statement.bind(Int64(limit), at: 3)
        if let upperBound = range.upperBound { try statement.bind(upperBound, at: 4) }
        return try countRemoved(by: statement)
    }

    /// Removes some of the rows whose life has ended.
    ///
    /// - Returns: How many rows were removed.
    func removeExpired(limit: Int, now: Int64) throws(SQLiteError) -> Int {
        try removeExpired.bind(now, at: 1)
        try removeExpired.bind(Int64(limit), at: 2)
        try removeExpired.run()
        return connection.changes
    }

    /// Removes the rows that expire next, until they add up to some bytes.
    ///
    /// - Returns: How many rows were removed, and how many of them were alive.
    func removeNextToExpire(bytes: Int, limit: Int, now: Int64) throws(SQLiteError) -> Removal {
        var removal = Removal()
        for row in try rowsNextToExpire(bytes: bytes, limit: limit) {
            try removeRow.bind(row.identifier, at: 1)
            try removeRow.run()
            removal.rows += 1
            if row.expiresAt > now { removal.live += 1 }
        }
        return removal
    }

    /// Whether there are rows whose life has ended.
    func hasExpired(now: Int64) throws(SQLiteError) -> Bool {
        try expiredExists.bind(now, at: 1)
        if try expiredExists.integer() != 0 { return true }
        return try tombstones.hasExpired(now: now)
    }

    private func rowsNextToExpire(
        bytes: Int,
        limit: Int
    ) throws(SQLiteError) -> [(identifier: Int64, expiresAt: Int64)] {
        defer { nextToExpire.reset() }
        try nextToExpire.bind(Int64(limit), at: 1)
        var rows: [(identifier: Int64, expiresAt: Int64)] = []
        var sum = 0
        while sum < bytes, try nextToExpire.step() {
            rows.append((nextToExpire.integer(at: 0), nextToExpire.integer(at: 2)))
            sum += Int(nextToExpire.integer(at: 1))
        }
        return rows
    }

    private func countRemoved(by statement: Statement) throws(SQLiteError) -> Removal {
        defer { statement.reset() }
        var removal = Removal()
        while try statement.step() {
            removal.rows += 1
            if statement.integer(at: 0) != 0 { removal.live += 1 }
        }
        return removal
    }
}

/// What a statement removed.
struct Removal {
    /// How many rows are gone.
    var rows = 0

    /// How many of them were alive.
    var live = 0
}
