import CSQLite

/// A connection to a database file.
///
/// A connection and its statements may move between threads, but only one thread at a time may use them.
package final class Connection {
    /// How a connection may use its file.
    package enum Mode {
        /// Reads and writes; the file is created if it is missing.
        case create
        /// Reads and writes; the file must exist.
        case existing
    }

    /// The version of the library, such as 3,035,000 for 3.35.0.
    package static var libraryVersion: Int { Int(sqlite3_libversion_number()) }

    let handle: OpaquePointer

    /// Opens a connection.
    ///
    /// - Parameters:
    ///   - path: An absolute path.
    ///   - mode: Whether a missing file is created.
    ///   - busyTimeout: How long to wait for the lock of another connection, in whole milliseconds.
    /// - Throws: What SQLite answered.
    package init(path: String, mode: Mode, busyTimeout: Duration) throws(SQLiteError) {
        var flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX
        if mode == .create { flags |= SQLITE_OPEN_CREATE }
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(path, &opened, flags, nil)
        guard code == SQLITE_OK, let opened else {
            let error = SQLiteError(code: code == SQLITE_OK ? SQLITE_NOMEM : code, handle: opened)
            sqlite3_close_v2(opened)
            throw error
        }
        handle = opened
        sqlite3_extended_result_codes(handle, 1)
        sqlite3_busy_timeout(handle, Int32(max(0, min(busyTimeout / .milliseconds(1), Double(Int32.max)))))
    }

    deinit {
        // Statements that outlive the connection keep it open until the last of them is gone.
        sqlite3_close_v2(handle)
    }

    /// Runs statements that answer nothing.
    ///
    /// - Parameter sql: One or more statements.
    /// - Throws: What SQLite answered.
    package func execute(_ sql: String) throws(SQLiteError) {
        try check(sqlite3_exec(handle, sql, nil, nil, nil))
    }

    /// Compiles a statement.
    ///
    /// - Parameter sql: One statement.
    /// - Returns: The statement, to be kept and used many times.
    /// - Throws: What SQLite answered.
    package func prepare(_ sql: String) throws(SQLiteError) -> Statement {
        try Statement(sql, on: self)
    }

    /// Runs a statement once and reads the first column of its first row.
    ///
    /// - Parameter sql: One statement.
    /// - Returns: The number, or 0 if there is no row.
    /// - Throws: What SQLite answered.
    package func integer(_ sql: String) throws(SQLiteError) -> Int64 {
        let statement = try prepare(sql)
        return try statement.step() ? statement.integer(at: 0) : 0
    }

    /// Runs a statement once and reads the first column of each row.
    ///
    /// - Parameter sql: One statement.
    /// - Returns: The texts, in the order of the rows.
    /// - Throws: What SQLite answered.
    package func texts(_ sql: String) throws(SQLiteError) -> [String] {
        let statement = try prepare(sql)
        var texts: [String] = []
        while try statement.step() { texts.append(statement.text(at: 0)) }
        return texts
    }

    /// Whether the path no longer leads to the file that was opened.
    package var hasMoved: Bool {
        var isMoved: Int32 = 0
        sqlite3_file_control(handle, "main", SQLITE_FCNTL_HAS_MOVED, &isMoved)
        return isMoved != 0
    }

    /// How many rows the last statement inserted, changed or removed.
    package var changes: Int { Int(sqlite3_changes(handle)) }

    /// Whether a transaction is open.
    package var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    func check(_ code: Int32) throws(SQLiteError) {
        guard code == SQLITE_OK else { throw SQLiteError(code: code, handle: handle) }
    }
}
