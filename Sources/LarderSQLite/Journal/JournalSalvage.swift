import Foundation
import Larder
import SQLite

/// Reads a journal, damaged or not.
struct JournalSalvage {
    /// What could be read of a damaged journal.
    struct Result {
        var identifier: UInt64?
        var fence: UInt64 = 0
        var records: [JournalRecord] = []
        var letters: [DeadLetter] = []
        /// How many had a wrong checksum.
        var damaged = 0
        /// Between which numbers something may be missing.
        var gaps: [ClosedRange<UInt64>] = []
    }

    private static let recordColumns = "SELECT sequence, claim, key, body FROM pending"
    private static let letterColumns = "SELECT number, attempts, key, reason, body FROM dead_letter"

    private let connection: Connection

    init(_ connection: Connection) {
        self.connection = connection
    }

    /// Reads all records of a sound journal.
    func records() throws(SQLiteError) -> [JournalRecord] {
        let statement = try connection.prepare(Self.recordColumns + " ORDER BY sequence")
        var records: [JournalRecord] = []
        while try statement.step() { records.append(statement.record) }
        return records
    }

    /// Reads what can be read of a damaged file.
    ///
    /// - Parameters:
    ///   - path: The damaged file.
    ///   - template: A new journal, whose first page is that of any journal but for sizes and numbers.
    ///   - connection: A connection to the template.
    /// - Returns: What could be read.
    static func salvage(_ path: String, template: String, new connection: Connection) -> Result {
        let result = salvage(path)
        guard result.identifier == nil, result.records.isEmpty, result.letters.isEmpty else { return result }
        // Without its first page SQLite finds nothing in a file, so a copy gets that of the template.
        let copy = path + ".repair"
        defer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: copy + suffix) } }
        do {
            try connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            let page = try FileHandle(forReadingFrom: URL(filePath: template)).read(upToCount: 4_096) ?? Data()
            try FileManager.default.copyItem(atPath: path, toPath: copy)
            try? FileManager.default.copyItem(atPath: path + "-wal", toPath: copy + "-wal")
            let file = try FileHandle(forUpdating: URL(filePath: copy))
            let pages = UInt32(try file.seekToEnd() / 4_096)
            var header = page
            // The size in pages, and no free ones.
            for (byte, offset) in (28..<32).enumerated() {
                header[offset] = UInt8(pages >> UInt32(24 - 8 * byte) & 0xFF)
            }
            for offset in 32..<40 { header[offset] = 0 }
            try file.seek(toOffset: 0)
            try file.write(contentsOf: header)
            try file.close()
        } catch {
            return result
        }
        return salvage(copy)
    }

    private static func salvage(_ path: String) -> Result {
        guard let connection = try? Connection(path: path, mode: .existing, busyTimeout: .seconds(5)) else {
            return Result(gaps: [0...UInt64(Int64.max)])
        }
        connection.keepWriteAheadLog()
        return JournalSalvage(connection).salvage()
    }

    /// Reads what can be read, on both sides of each hole.
    func salvage() -> Result {
        var result = Result()
        result.identifier = (try? connection.integer("SELECT identifier FROM journal"))
            .flatMap { $0 == 0 ? nil : UInt64(bitPattern: $0) }
        result.fence = UInt64(clamping: (try? connection.integer("SELECT fence FROM journal")) ?? 0)
        walk(Self.recordColumns + " WHERE sequence > ?1 ORDER BY sequence", &result.gaps) { statement in
            let record = statement.record
            if record.isIntact { result.records.append(record) } else { result.damaged += 1 }
            return record.sequence
        }
        walk(Self.letterColumns + " WHERE number > ?1 ORDER BY number", &result.gaps) { statement in
            let letter = statement.letter
            if letter.isIntact { result.letters.append(letter) } else { result.damaged += 1 }
            return letter.number
        }
        // Numbers begin with the fence of the owner who gave them.
        for record in result.records { result.fence = max(result.fence, SequenceNumbers.fence(of: record.sequence)) }
        return result
    }

    /// Walks through a table from number to number; at a hole goes on at the first row behind it.
    private func walk(
        _ sql: String,
        _ gaps: inout [ClosedRange<UInt64>],
        _ row: (Statement) -> UInt64
    ) {
        guard let statement = try? connection.prepare(sql) else {
            gaps.append(0...UInt64(Int64.max))
            return
        }
        var last: Int64 = 0
        while true {
            do {
                defer { statement.reset() }
                try statement.bind(last, at: 1)
                while try statement.step() { last = Int64(clamping: row(statement)) }
                return
            } catch {
                guard let next = firstReadable(after: last, statement) else {
                    gaps.append(UInt64(last) + 1...UInt64(Int64.max))
                    return
                }
                gaps.append(UInt64(last) + 1...UInt64(next))
                last = next
            }
        }
    }

    /// The smallest number from which on the table can be read, as far as it can be found by halving; `nil` if nothing
    /// behind the hole can be read.
    private func firstReadable(after last: Int64, _ statement: Statement) -> Int64? {
        var step: Int64 = 1
        while !isReadable(after: last.addingReportingOverflow(step).partialValue, statement) {
            guard step < Int64.max / 4, last < Int64.max - step * 4 else { return nil }
            step *= 2
        }
        guard isRow(after: last + step, statement) else { return tail(after: last, upTo: last + step, statement) }
        return halve(last + step / 2, last + step, statement)
    }

    /// The hole reaches to a number behind which there is no row: looks for one before it.
    private func tail(after last: Int64, upTo end: Int64, _ statement: Statement) -> Int64? {
        let first = halve(last, end, statement)
        return isRow(after: first, statement) ? first : nil
    }

    private func halve(_ low: Int64, _ high: Int64, _ statement: Statement) -> Int64 {
        var (low, high) = (low, high)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if isReadable(after: middle, statement) { high = middle } else { low = middle }
        }
        return high
    }

    private func isReadable(after number: Int64, _ statement: Statement) -> Bool {
        defer { statement.reset() }
        return (try? statement.bind(number, at: 1)) != nil && (try? statement.step()) != nil
    }

    private func isRow(after number: Int64, _ statement: Statement) -> Bool {
        defer { statement.reset() }
        return (try? statement.bind(number, at: 1)) != nil && (try? statement.step()) == true
    }
}
