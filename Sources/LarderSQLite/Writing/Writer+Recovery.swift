import Logging
import SQLite

extension Writer {
    /// Gives the file that the path leads to, opening it if need be.
    func openFile() throws -> StoreFile {
        if let file, !file.connection.hasMoved { return file }
        return try reopen(isDamaged: false)
    }

    /// Runs a closure with the file, and once more with an empty one if the file is damaged.
    func recoveringOnce<Output>(_ body: (StoreFile) throws -> Output) throws -> Output {
        do {
            return try body(openFile())
        } catch let error as SQLiteError where error.isCorruption {
            return try body(reopen(isDamaged: true))
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
        let isStillThere = file.map { !$0.connection.hasMoved } ?? true
        file = nil
        generation = readers.advance()
        if isDamaged, isStillThere { try setAside() }
        do {
            return try open()
        } catch let error as SQLiteError where error.isCorruption {
            try setAside()
            return try open()
        }
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
