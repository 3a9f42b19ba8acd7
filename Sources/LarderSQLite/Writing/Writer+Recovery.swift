import Logging
import SQLite

extension Writer {
    /// Gives the file that the path leads to, opening it if need be.
    func openFile() throws -> StoreFile {
        if let file, !file.connection.hasMoved { return file }
        return try reopen(isDamaged: false)
    }

    /// Runs a closure with the file, and again with another one if the file is damaged.
    func recovering<Output>(_ body: (StoreFile) throws -> Output) throws -> Output {
        var repairsLeft = 2
        while true {
            do {
                return try body(openFile())
            } catch let error as SQLiteError where error.callsForReopening && repairsLeft > 0 {
                repairsLeft -= 1
                try reopen(isDamaged: error.isCorruption)
            }
        }
    }

    /// Opens the path anew.
    ///
    /// - Parameter isDamaged: Whether the file that is open now is damaged and has to get out of the way, unless
    ///   another process has seen to that.
    /// - Returns: The file that the path leads to now.
    /// - Throws: What kept the file from being opened or set aside.
    @discardableResult
    func reopen(isDamaged: Bool) throws -> StoreFile {
        // Only what is opened from here on is the new file: a reader that met the damage of the old one while it was
        // replaced must not have the new one set aside.
        defer { generation = readers.advance() }
        return try location.locked(for: .replacing) {
            let isSameFile = file.map { !$0.connection.hasMoved } ?? false
            let isDamageLeft = isDamaged && (isSameFile || file == nil)
            file = nil
            if isDamageLeft { try setAside() }
            do {
                return try open()
            } catch  where isDamage(error, inOwnFile: isSameFile) {
                try setAside()
                return try open()
            }
        }
    }

    /// Whether a file that cannot be opened is a damaged store, as opposed to something that must stay as it is.
    private func isDamage(_ error: any Error, inOwnFile isOwnFile: Bool) -> Bool {
        if let error = error as? SQLiteError { return error.isCorruption || error.isSchemaChange }
        // A file that was ours a moment ago is not the database of another program: its header is damaged.
        return isOwnFile && (error as? SQLiteStoreError)?.code == .foreignDatabase
    }

    private func open() throws -> StoreFile {
        let opened = try StoreFile.open(location.path, configuration: configuration)
        file = opened
        return opened
    }

    private func setAside() throws {
        let aside = try location.setAside()
        tally.update { $0.filesSetAside += 1 }
        logger.warning(
            "The file of the store was damaged. It was set aside, and the store starts empty.",
            metadata: ["path": "\(location.path)", "aside": "\(aside)"]
        )
    }
}
