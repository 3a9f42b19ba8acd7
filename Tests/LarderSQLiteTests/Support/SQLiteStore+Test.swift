import Larder
import LarderSQLite
import LarderTesting
import Logging
import SQLite
import Testing

extension SQLiteStore {
    /// Opens the store of a test folder.
    convenience init(
        in folder: TemporaryFolder,
        configuration: Configuration = .init(),
        clock: WallClock = WallClock(),
        log: LogRecorder = LogRecorder()
    ) throws {
        try self.init(path: folder.storePath, configuration: configuration, logger: log.logger, now: clock.now)
    }

    /// Waits until so many writes have been asked for and not been answered.
    func waitForPendingWrites(_ count: Int) async {
        while statistics.pendingWrites < count { await Task.yield() }
    }

    /// Writes numbered keys whose values repeat their number.
    func fill(_ numbers: Range<Int>, size: Int = 100, timeToLive: (Int) -> Duration = { _ in .seconds(600) })
        async throws
    {
        try await setValues(
            numbers.map { StoreWrite(key: .number($0), bytes: .number($0, size: size), timeToLive: timeToLive($0)) }
        )
    }

    /// The numbers of the keys that are alive.
    func numbers() async throws -> [Int] {
        let keys = try await keys(withPrefix: StoreKey("number:"), after: nil, limit: 1_000_000)
        return keys.compactMap { Int($0.description.dropFirst(7)) }.sorted()
    }
}

extension StoreKey {
    static func number(_ number: Int) -> StoreKey { StoreKey("number:\(number)") }
}

extension [UInt8] {
    static func number(_ number: Int, size: Int = 100) -> [UInt8] {
        [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: size)
    }
}

/// The lock of the writer, held by somebody else.
final class HeldLock {
    private let connection: Connection

    init(_ path: String) throws {
        connection = try Connection(path: path, mode: .existing, busyTimeout: .seconds(5))
        try connection.execute("BEGIN IMMEDIATE")
    }

    func release() throws {
        try connection.execute("ROLLBACK")
    }
}

/// Runs a closure and gives the code of the store's error that it throws.
func code(thrownBy body: () async throws -> Void) async -> SQLiteStoreError.Code? {
    do {
        try await body()
    } catch {
        return (error as? SQLiteStoreError)?.code
    }
    return nil
}
