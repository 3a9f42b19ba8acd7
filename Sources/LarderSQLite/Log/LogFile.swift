import Larder
import SQLite

/// The file of a log, opened, and the statements that read and change it.
///
/// One thread at a time uses it.
final class LogFile {
    let connection: Connection

    private let insert: Statement
    private let select: Statement
    private let stateRow: Statement
    private let newestOffset: Statement
    private let firstYoung: Statement
    private let remove: Statement
    private let noteTrim: Statement
    private let version: Statement

    init(_ connection: Connection) throws(SQLiteError) {
        self.connection = connection
        insert = try connection.prepare("INSERT INTO record (appended_at, body) VALUES (?1, ?2) RETURNING log_offset")
        select = try connection.prepare(
            "SELECT log_offset, body FROM record WHERE log_offset > ?1 ORDER BY log_offset LIMIT ?2"
        )
        stateRow = try connection.prepare("SELECT epoch, trimmed_through FROM log_state")
        newestOffset = try connection.prepare("SELECT max(log_offset) FROM record")
        firstYoung = try connection.prepare(
            "SELECT log_offset FROM record WHERE appended_at >= ?1 ORDER BY log_offset LIMIT 1"
        )
        remove = try connection.prepare("DELETE FROM record WHERE log_offset <= ?1")
        noteTrim = try connection.prepare("UPDATE log_state SET trimmed_through = ?1")
        version = try connection.prepare("PRAGMA data_version")
    }

    /// A number that changes when somebody else has changed the file.
    func dataVersion() throws(SQLiteError) -> Int {
        try version.integer()
    }
}

// MARK: - Reading

extension LogFile {
    /// Which log this is, and what it holds.
    struct Extent {
        let epoch: UInt64
        /// The offset of the newest record that is gone.
        let trimmedThrough: UInt64
        /// The offset of the newest record.
        let newest: UInt64

        var beginning: LogPosition { LogPosition(epoch: epoch, offset: trimmedThrough) }
    }

    /// Reads what comes after a position; `nil` if nothing does.
    func batch(after position: LogPosition?, limit: Int) throws -> LogBatch? {
        try connection.read {
            let extent = try extent()
            guard let position, position.epoch == extent.epoch,
                (extent.trimmedThrough...extent.newest).contains(position.offset)
            else {
                return gap(at: extent.beginning, newest: extent.newest)
            }
            guard position.offset < extent.newest else { return nil }
            return try records(after: position, newest: extent.newest, limit: limit)
        }
    }

    func extent() throws(SQLiteError) -> Extent {
        defer { stateRow.reset() }
        guard try stateRow.step() else { throw SQLiteError(code: 11, message: "The log has lost its state.") }
        let trimmed = UInt64(clamping: stateRow.integer(at: 1))
        return Extent(
            epoch: UInt64(bitPattern: stateRow.integer(at: 0)),
            trimmedThrough: trimmed,
            newest: max(trimmed, UInt64(clamping: try newestOffset.integer()))
        )
    }

    private func records(after position: LogPosition, newest: UInt64, limit: Int) throws -> LogBatch {
        defer { select.reset() }
        try select.bind(Int64(clamping: position.offset), at: 1)
        try select.bind(Int64(limit), at: 2)
        var records: [LoggedInvalidation] = []
        var end = position
        while try select.step() {
            let offset = UInt64(clamping: select.integer(at: 0))
            guard let record = try? InvalidationRecord(encoded: select.bytes(at: 1)) else {
                // Nobody knows what it touched. The reader gets what comes before it first.
                guard records.isEmpty else { break }
                return gap(at: LogPosition(epoch: position.epoch, offset: offset), newest: newest)
            }
            records.append(LoggedInvalidation(record, at: offset))
            end.offset = offset
        }
        return LogBatch(records: records, position: end, recordsBehind: newest - min(newest, end.offset))
    }

    private func gap(at position: LogPosition, newest: UInt64) -> LogBatch {
        LogBatch(
            records: [],
            position: position,
            isAfterGap: true,
            recordsBehind: newest - min(newest, position.offset)
        )
    }
}

// MARK: - Changing

extension LogFile {
    /// Appends records in a transaction that is open.
    ///
    /// - Returns: The position behind the last of them.
    func append(_ bodies: [[UInt8]], now: Int64) throws(SQLiteError) -> LogPosition {
        var last: Int = 0
        for body in bodies {
            try insert.bind(now, at: 1)
            try insert.bind(body, at: 2)
            last = try insert.integer()
        }
        return LogPosition(epoch: try extent().epoch, offset: UInt64(clamping: last))
    }

    /// Removes the oldest records, in a transaction that is open.
    ///
    /// - Parameters:
    ///   - limit: How many records to keep, at least.
    ///   - oldest: The time at which the oldest record to keep was appended.
    ///   - count: How many records to remove, at most.
    /// - Throws: What SQLite answered.
    func trim(keeping limit: Int, since oldest: Int64, atMost count: Int) throws(SQLiteError) {
        let extent = try extent()
        var horizon = Int64(clamping: extent.newest) - Int64(limit)
        horizon = max(horizon, try lastOffset(before: oldest, newest: extent.newest))
        horizon = min(horizon, Int64(clamping: extent.trimmedThrough) + Int64(count))
        guard horizon > Int64(clamping: extent.trimmedThrough) else { return }
        try remove.bind(horizon, at: 1)
        try remove.run()
        try noteTrim.bind(horizon, at: 1)
        try noteTrim.run()
    }

    /// The offset of the last of the records at the beginning that are older than a time.
    private func lastOffset(before oldest: Int64, newest: UInt64) throws(SQLiteError) -> Int64 {
        defer { firstYoung.reset() }
        try firstYoung.bind(oldest, at: 1)
        guard try firstYoung.step() else { return Int64(clamping: newest) }
        return firstYoung.integer(at: 0) - 1
    }
}
