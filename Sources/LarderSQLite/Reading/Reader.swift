import Larder
import SQLite

/// A connection for reading, with its statements.
///
/// One thread at a time uses it.
final class Reader {
    /// Which of the files that the path led to one after the other the connection belongs to.
    let generation: Int

    private let connection: Connection
    private let point: Statement
    private let tombstone: Statement
    private let boundedKeys: Statement
    private let unboundedKeys: Statement
    private let rowCount: Statement
    private let expiredCount: Statement
    private let usedBytes: UsedBytes
    private var lastLook = Int64.min

    init(path: String, generation: Int, configuration: SQLiteStore.Configuration) throws(SQLiteError) {
        self.generation = generation
        connection = try Connection(path: path, mode: .existing, busyTimeout: configuration.busyTimeout)
        connection.keepWriteAheadLog()
        try StoreFile.configure(connection, configuration)
        try connection.execute("PRAGMA query_only = 1")
        point = try connection.prepare("SELECT expires_at, time_to_live, value, version FROM entry WHERE key = ?1")
        tombstone = try connection.prepare("SELECT version FROM tombstone WHERE key = ?1 AND expires_at > ?2")
        boundedKeys = try connection.prepare(Self.keys(where: "key >= ?1 AND key < ?4"))
        unboundedKeys = try connection.prepare(Self.keys(where: "key >= ?1"))
        rowCount = try connection.prepare("SELECT count(*) FROM entry")
        expiredCount = try connection.prepare("SELECT count(*) FROM entry WHERE expires_at <= ?1")
        usedBytes = try UsedBytes(connection)
    }

    private static func keys(where condition: String) -> String {
        "SELECT key FROM entry WHERE \(condition) AND expires_at > ?2 ORDER BY key LIMIT ?3"
    }

    /// Whether the path still leads to the file of the connection.
    ///
    /// Another process may have set the file aside. To look costs a quarter of a read, so that it is done once per
    /// millisecond at most.
    func isCurrent(now: Int64) -> Bool {
        guard now != lastLook else { return true }
        lastLook = now
        return !connection.hasMoved
    }
}

extension Reader {
    func value(forKey key: StoreKey, now: Int64) throws(SQLiteError) -> StoredValue? {
        try entry(forKey: key, now: now).value
    }

    /// Looks for an entry, and for a tombstone if there is none.
    func slot(forKey key: StoreKey, now: Int64) throws(SQLiteError) -> StoreSlot {
        let slot = try entry(forKey: key, now: now)
        guard slot.version == .vacant else { return slot }
        defer { tombstone.reset() }
        try tombstone.bind(key.bytes, at: 1)
        try tombstone.bind(now, at: 2)
        guard try tombstone.step() else { return .vacant }
        return StoreSlot(value: nil, version: StoreVersion(row: tombstone.integer(at: 0)))
    }

    private func entry(forKey key: StoreKey, now: Int64) throws(SQLiteError) -> StoreSlot {
        defer { point.reset() }
        try point.bind(key.bytes, at: 1)
        guard try point.step() else { return .vacant }
        let expiresAt = point.integer(at: 0)
        guard expiresAt > now else { return .vacant }
        // A wall clock that was set back would otherwise add to the life of the entry. The numbers of a damaged row
        // may be any, and must not trap.
        let life = min(expiresAt &- now, point.integer(at: 1))
        guard life > 0 else { return .vacant }
        return StoreSlot(
            value: StoredValue(bytes: point.bytes(at: 2), remainingLife: .milliseconds(life)),
            version: StoreVersion(row: point.integer(at: 3))
        )
    }

    func slots(forKeys keys: [StoreKey], now: Int64) throws -> [StoreSlot] {
        // One statement sees one state of the database, without the time that a transaction around it takes.
        if keys.count == 1, let slot = try keys.first.map({ try entry(forKey: $0, now: now) }), slot.version != .vacant
        {
            return [slot]
        }
        return try connection.read {
            try keys.map { try slot(forKey: $0, now: now) }
        }
    }

    func values(forKeys keys: [StoreKey], now: Int64) throws -> [StoredValue?] {
        try connection.read {
            try keys.map { try value(forKey: $0, now: now) }
        }
    }

    func keys(in range: KeyRange, limit: Int, now: Int64) throws(SQLiteError) -> [StoreKey] {
        let statement = range.upperBound == nil ? unboundedKeys : boundedKeys
        defer { statement.reset() }
        try statement.bind(range.lowerBound, at: 1)
        try statement.bind(now, at: 2)
        try statement.bind(Int64(limit), at: 3)
        if let upperBound = range.upperBound { try statement.bind(upperBound, at: 4) }
        var keys: [StoreKey] = []
        while try statement.step() { keys.append(StoreKey(bytes: statement.bytes(at: 0))) }
        return keys
    }

    /// Counts the live entries and the bytes they take.
    func size(now: Int64) throws -> (entries: Int, bytes: Int) {
        try connection.read {
            // SQLite counts all rows from the pages of an index, which is far quicker than to visit the live ones.
            let rows = try rowCount.integer()
            try expiredCount.bind(now, at: 1)
            return (rows - (try expiredCount.integer()), try usedBytes())
        }
    }
}
