import SQLite

extension SQLiteStoreError {
    /// Says what an error of SQLite means for the store, and what to do about it.
    ///
    /// - Parameters:
    ///   - error: The error of SQLite, or one that is returned unchanged because it says enough.
    ///   - path: The path of the store's file.
    /// - Returns: The error to throw.
    static func describing(_ error: any Error, path: String) -> any Error {
        guard let error = error as? SQLiteError else { return error }
        let (code, message) = explain(error, path: path)
        return SQLiteStoreError(code, message, underlyingError: error)
    }

    private static func explain(_ error: SQLiteError, path: String) -> (Code, String) {
        if error.isOutOfSpace {
            return (.diskFull, "There is no room to write to '\(path)'. Free some space on its disk; reads go on.")
        }
        if error.isBusy {
            return (.busy, "Another process held '\(path)' for longer than the busy timeout. Try again.")
        }
        if error.isCorruption {
            return (.corrupt, "'\(path)' is damaged. Check its disk; the store sets the file aside and starts empty.")
        }
        if error.isOpening {
            return (.cannotOpen, "'\(path)' cannot be opened. Check that this process may read and write its folder.")
        }
        if error.isPermission {
            return (.cannotOpen, "'\(path)' may not be written. Give this process the permission, or use another path.")
        }
        return (.failed, "SQLite failed on '\(path)'.")
    }

    static var shutDown: SQLiteStoreError {
        SQLiteStoreError(.shutDown, "The file was closed. Make a new store or journal to use it again.")
    }
}
