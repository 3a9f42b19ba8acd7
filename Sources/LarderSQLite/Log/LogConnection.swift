import SQLite

/// The way to the file of a log that the path leads to, whatever happens to the file.
///
/// One thread at a time uses it.
final class LogConnection {
    private let location: StoreLocation
    private let configuration: SQLiteInvalidationLog.Configuration
    private var file: LogFile?

    /// How often the path was opened; the numbers of ``LogFile/dataVersion()`` are those of one opening.
    private(set) var generation = 0

    init(location: StoreLocation, configuration: SQLiteInvalidationLog.Configuration) {
        self.location = location
        self.configuration = configuration
    }

    /// Whether the path no longer leads to the file that is open.
    var hasMoved: Bool { file?.connection.hasMoved ?? true }

    /// Runs a closure with the file, and again with another one if the file is damaged or was replaced.
    func perform<Output>(_ body: (LogFile) throws -> Output) throws -> Output {
        var repairsLeft = 2
        while true {
            do {
                return try body(openFile())
            } catch let error as SQLiteError where error.callsForReopening && repairsLeft > 0 {
                repairsLeft -= 1
                try reopen(isDamaged: error.isCorruption)
            } catch {
                throw SQLiteStoreError.describing(error, path: location.path)
            }
        }
    }

    func close() {
        file = nil
    }

    private func openFile() throws -> LogFile {
        if let file, !file.connection.hasMoved { return file }
        return try reopen(isDamaged: false)
    }

    @discardableResult
    private func reopen(isDamaged: Bool) throws -> LogFile {
        generation += 1
        return try location.locked(for: .replacing) {
            let isSameFile = file.map { !$0.connection.hasMoved } ?? false
            let isDamageLeft = isDamaged && (isSameFile || file == nil)
            file = nil
            if isDamageLeft { _ = try location.setAside() }
            do {
                return try open()
            } catch let error as SQLiteError where error.isCorruption || error.isSchemaChange {
                _ = try location.setAside()
                return try open()
            }
        }
    }

    private func open() throws -> LogFile {
        let opened = try LogFile.open(location.path, configuration: configuration)
        file = opened
        return opened
    }
}
