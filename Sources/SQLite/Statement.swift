import CSQLite

/// A compiled statement, for many uses.
///
/// One use is: bind the parameters, ``step()`` until it answers `false`, read the columns after each `true`, and
/// ``reset()``.
package final class Statement {
    private let handle: OpaquePointer

    init(_ sql: String, on connection: Connection) throws(SQLiteError) {
        var prepared: OpaquePointer?
        let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
        try connection.check(sqlite3_prepare_v3(connection.handle, sql, -1, flags, &prepared, nil))
        guard let prepared else {
            throw SQLiteError(code: SQLITE_MISUSE, message: "There is no statement in '\(sql)'.")
        }
        handle = prepared
    }

    deinit {
        sqlite3_finalize(handle)
    }

    /// Goes to the next row.
    ///
    /// - Returns: Whether there is one.
    package func step() throws(SQLiteError) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw SQLiteError(code: code, handle: sqlite3_db_handle(handle))
        }
    }

    /// Runs the statement to its end, without reading its rows, and makes it ready for the next use.
    package func run() throws(SQLiteError) {
        defer { reset() }
        while try step() {}
    }

    /// Runs the statement, reads the first column of the first row, and makes it ready for the next use.
    ///
    /// - Returns: The number, or 0 if there is no row.
    package func integer() throws(SQLiteError) -> Int {
        defer { reset() }
        return try step() ? Int(integer(at: 0)) : 0
    }

    /// Gives up locks, rows and parameters, and makes the statement ready for the next use.
    package func reset() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }
}

// MARK: - Parameters

extension Statement {
    /// Binds a number.
    ///
    /// - Parameters:
    ///   - value: The number.
    ///   - index: The place of the parameter, from 1.
    /// - Throws: What SQLite answered.
    package func bind(_ value: Int64, at index: Int32) throws(SQLiteError) {
        try check(sqlite3_bind_int64(handle, index, value))
    }

    /// Binds bytes, of which SQLite keeps a copy.
    ///
    /// - Parameters:
    ///   - bytes: The bytes.
    ///   - index: The place of the parameter, from 1.
    /// - Throws: What SQLite answered.
    package func bind(_ bytes: [UInt8], at index: Int32) throws(SQLiteError) {
        try check(bytes.withUnsafeBytes { bind($0, at: index, destructor: Self.copying) })
    }

    /// Binds a text, of which SQLite keeps a copy.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - index: The place of the parameter, from 1.
    /// - Throws: What SQLite answered.
    package func bind(_ text: String, at index: Int32) throws(SQLiteError) {
        try check(sqlite3_bind_text(handle, index, text, -1, Self.copying))
    }

    /// Binds bytes without a copy while the statement runs to its end.
    ///
    /// - Parameters:
    ///   - bytes: The bytes.
    ///   - index: The place of the parameter, from 1.
    /// - Throws: What SQLite answered.
    package func run(borrowing bytes: [UInt8], at index: Int32) throws(SQLiteError) {
        // The rethrowing closure would widen the type of the error.
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(SQLiteError) in
                try check(bind(buffer, at: index, destructor: nil))
                try run()
            }
        }
        try result.get()
    }

    private func bind(_ buffer: UnsafeRawBufferPointer, at index: Int32, destructor: sqlite3_destructor_type?) -> Int32
    {
        // An empty array may have no address, and no address means NULL to SQLite.
        guard let address = buffer.baseAddress, !buffer.isEmpty else {
            return sqlite3_bind_zeroblob(handle, index, 0)
        }
        return sqlite3_bind_blob64(handle, index, address, UInt64(buffer.count), destructor)
    }

    /// `SQLITE_TRANSIENT`, a macro that Swift does not import.
    private static var copying: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

    private func check(_ code: Int32) throws(SQLiteError) {
        guard code == SQLITE_OK else { throw SQLiteError(code: code, handle: sqlite3_db_handle(handle)) }
    }
}

// MARK: - Columns

extension Statement {
    /// Reads a number of the current row.
    ///
    /// - Parameter column: The place of the column, from 0.
    /// - Returns: The number; 0 for a null.
    package func integer(at column: Int32) -> Int64 {
        sqlite3_column_int64(handle, column)
    }

    /// Reads bytes of the current row, copied once.
    ///
    /// - Parameter column: The place of the column, from 0.
    /// - Returns: The bytes; none for a null.
    package func bytes(at column: Int32) -> [UInt8] {
        guard let address = sqlite3_column_blob(handle, column) else { return [] }
        return Array(UnsafeRawBufferPointer(start: address, count: Int(sqlite3_column_bytes(handle, column))))
    }

    /// Reads a text of the current row.
    ///
    /// - Parameter column: The place of the column, from 0.
    /// - Returns: The text; an empty one for a null.
    package func text(at column: Int32) -> String {
        guard let address = sqlite3_column_text(handle, column) else { return "" }
        return String(cString: address)
    }
}
