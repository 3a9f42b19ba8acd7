import Larder
import SQLite

/// Hands out the versions of a file, none of them twice.
///
/// The counter lies in the file, and begins at a number of chance, so that a file that replaces a damaged one does not
/// begin again with the versions of that one.
struct VersionCounter {
    private let advance: Statement
    private let current: Statement

    init(_ connection: Connection) throws(SQLiteError) {
        advance = try connection.prepare(
            "UPDATE state SET newest_version = newest_version + ?1 RETURNING newest_version"
        )
        current = try connection.prepare(
            """
            SELECT version FROM entry WHERE key = ?1 AND expires_at > ?2
            UNION ALL
            SELECT version FROM tombstone WHERE key = ?1 AND expires_at > ?2
            """
        )
    }

    /// Takes some versions that follow each other.
    ///
    /// - Returns: The first of them.
    func take(_ count: Int) throws(SQLiteError) -> Int64 {
        try advance.bind(Int64(count), at: 1)
        return Int64(try advance.integer()) - Int64(count) + 1
    }

    /// The version of what a key holds now; 0 if it holds nothing.
    func version(of key: [UInt8], now: Int64) throws(SQLiteError) -> Int64 {
        try current.bind(key, at: 1)
        try current.bind(now, at: 2)
        return Int64(try current.integer())
    }
}

extension StoreVersion {
    /// The version of a row.
    init(row version: Int64) {
        self.init(bitPattern: UInt64(bitPattern: version))
    }

    /// The form in which rows hold the version.
    var row: Int64 { Int64(bitPattern: bitPattern) }
}
