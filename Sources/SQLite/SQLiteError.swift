import CSQLite

/// What SQLite answered instead of doing what it was asked.
package struct SQLiteError: Error, Hashable {
    /// The primary result code, such as `SQLITE_BUSY`.
    package let code: Int32

    /// The extended result code, such as `SQLITE_IOERR_WRITE`; equal to ``code`` if there is none.
    package let extendedCode: Int32

    /// SQLite's own words.
    package let message: String

    /// Makes an error of a result code.
    ///
    /// - Parameters:
    ///   - code: A primary or extended result code.
    ///   - message: What SQLite said.
    package init(code: Int32, message: String) {
        self.code = code & 0xFF
        self.extendedCode = code
        self.message = message
    }

    /// Makes an error of what a connection last said.
    ///
    /// - Parameters:
    ///   - code: The result code of the failed call.
    ///   - handle: The connection, or `nil` if it could not even be allocated.
    init(code: Int32, handle: OpaquePointer?) {
        guard let handle, sqlite3_errcode(handle) & 0xFF == code & 0xFF else {
            self.init(code: code, message: String(cString: sqlite3_errstr(code)))
            return
        }
        self.init(code: sqlite3_extended_errcode(handle), message: String(cString: sqlite3_errmsg(handle)))
    }
}

extension SQLiteError {
    /// Whether the file is damaged or is no database at all.
    package var isCorruption: Bool { code == SQLITE_CORRUPT || code == SQLITE_NOTADB }

    /// Whether another connection held the lock for longer than the busy timeout.
    package var isBusy: Bool { code == SQLITE_BUSY || code == SQLITE_LOCKED }

    /// Whether the tables are not those that the statements were written for.
    package var isSchemaChange: Bool { code == SQLITE_ERROR || code == SQLITE_SCHEMA }

    /// Whether another file, or the same one opened anew, may do better.
    package var callsForReopening: Bool { isCorruption || isSchemaChange || isOpening }

    /// Whether the file could not be opened.
    package var isOpening: Bool { code == SQLITE_CANTOPEN }

    /// Whether the file may not be written.
    package var isPermission: Bool { code == SQLITE_READONLY || code == SQLITE_PERM || code == SQLITE_AUTH }

    /// Whether there was no room left to write to, be it a full disk, a quota or a limit of the file's size.
    package var isOutOfSpace: Bool {
        switch extendedCode {
        case Extended.write, Extended.sharedMemorySize, Extended.truncate, Extended.synchronize: true
        default: code == SQLITE_FULL
        }
    }

    /// Extended codes, which are macros that Swift does not import.
    private enum Extended {
        static let write = SQLITE_IOERR | 3 << 8
        static let synchronize = SQLITE_IOERR | 4 << 8
        static let truncate = SQLITE_IOERR | 6 << 8
        static let sharedMemorySize = SQLITE_IOERR | 19 << 8
    }
}

extension SQLiteError: CustomStringConvertible {
    /// The extended code and the message.
    package var description: String { "SQLite error \(extendedCode): \(message)" }
}
