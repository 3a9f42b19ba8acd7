import Larder
import SQLite

/// The file of a journal, opened for writing, and the statements that change it.
///
/// It belongs to the thread of the writer.
final class JournalFile {
    let connection: Connection
    let path: String
    let log: LogLength

    private let insert: Statement
    private let mark: Statement
    private let remove: Statement
    private let fence: Statement
    private let beat: Statement
    private let bury: Statement
    private let unbury: Statement
    private let wanted: Statement
    private let letters: Statement
    private let letterExists: Statement
    private var isSynchronous = true

    init(_ connection: Connection, path: String) throws(SQLiteError) {
        self.connection = connection
        self.path = path
        log = connection.measureWriteAheadLog()
        insert = try connection.prepare(
            "INSERT INTO pending (sequence, claim, key, body) VALUES (?1, ?2, ?3, ?4)"
        )
        mark = try connection.prepare("UPDATE pending SET claim = ?2 WHERE sequence = ?1")
        remove = try connection.prepare("DELETE FROM pending WHERE sequence = ?1")
        fence = try connection.prepare("SELECT fence FROM journal")
        beat = try connection.prepare("UPDATE journal SET heartbeat = heartbeat + 1")
        bury = try connection.prepare(
            """
            INSERT OR REPLACE INTO dead_letter (number, attempts, is_wanted, key, reason, body)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            """
        )
        unbury = try connection.prepare("DELETE FROM dead_letter WHERE number = ?1")
        wanted = try connection.prepare(
            "SELECT number, attempts, key, reason, body FROM dead_letter WHERE is_wanted = 1 ORDER BY number LIMIT 1000"
        )
        letters = try connection.prepare(
            "SELECT number, attempts, key, reason, body FROM dead_letter WHERE number > ?1 ORDER BY number LIMIT ?2"
        )
        letterExists = try connection.prepare("SELECT count(*) FROM (SELECT 1 FROM dead_letter LIMIT ?1)")
    }

    /// Says whether the next transaction waits for the disk.
    func synchronize(_ isNeeded: Bool) throws(SQLiteError) {
        guard isNeeded != isSynchronous else { return }
        try connection.execute("PRAGMA synchronous = \(isNeeded ? "FULL" : "NORMAL")")
        isSynchronous = isNeeded
    }

    // MARK: Lease

    func currentFence() throws(SQLiteError) -> UInt64 { UInt64(try fence.integer()) }

    func heartbeat() throws(SQLiteError) -> Int64 { try connection.integer("SELECT heartbeat FROM journal") }

    func identifier() throws(SQLiteError) -> UInt64 {
        UInt64(bitPattern: try connection.integer("SELECT identifier FROM journal"))
    }

    func beatHeart() throws(SQLiteError) { try beat.run() }

    /// Makes the next fence the current one.
    func raiseFence() throws -> UInt64 {
        try synchronize(true)
        return try connection.write {
            try connection.execute("UPDATE journal SET fence = fence + 1, heartbeat = heartbeat + 1")
            return try currentFence()
        }
    }

    // MARK: Records

    func append(_ record: JournalRecord) throws(SQLiteError) {
        try insert.bind(Int64(record.sequence), at: 1)
        try insert.bind(ClaimBytes.of(token: record.token, attempts: record.attempts), at: 2)
        try insert.bind(record.key.bytes, at: 3)
        try insert.run(borrowing: record.body, at: 4)
    }

    func claim(_ claim: JournalClaim) throws(SQLiteError) {
        for sequence in claim.sequences {
            try mark.bind(Int64(sequence), at: 1)
            try mark.bind(ClaimBytes.of(token: claim.token, attempts: claim.attempts), at: 2)
            try mark.run()
        }
    }

    func settle(_ settlement: JournalSettlement) throws(SQLiteError) {
        // First, so that a dead letter has the room that its records had.
        for sequence in settlement.sequences {
            try remove.bind(Int64(sequence), at: 1)
            try remove.run()
        }
        if let letter = settlement.deadLetter { try keep(letter) }
    }

    func revive(_ record: JournalRecord) throws(SQLiteError) {
        try unbury.bind(Int64(record.token ?? record.sequence), at: 1)
        try unbury.run()
        try append(record)
    }

    // MARK: Dead letters

    func keep(_ letter: DeadLetter, isWanted: Bool = false) throws(SQLiteError) {
        try bury.bind(Int64(letter.number), at: 1)
        try bury.bind(Int64(letter.attempts), at: 2)
        try bury.bind(isWanted ? 1 : 0, at: 3)
        try bury.bind(letter.key.bytes, at: 4)
        try bury.bind(letter.reason, at: 5)
        try bury.run(borrowing: letter.body, at: 6)
    }

    func deadLetters(upTo limit: Int) throws(SQLiteError) -> Int {
        try letterExists.bind(Int64(limit), at: 1)
        return try letterExists.integer()
    }

    func wantedLetters() throws(SQLiteError) -> [DeadLetter] { try readLetters(wanted) }

    func letters(after number: UInt64?, limit: Int) throws(SQLiteError) -> [DeadLetter] {
        try letters.bind(Int64(clamping: number ?? 0), at: 1)
        try letters.bind(Int64(max(0, limit)), at: 2)
        return try readLetters(letters)
    }

    private func readLetters(_ statement: Statement) throws(SQLiteError) -> [DeadLetter] {
        defer { statement.reset() }
        var letters: [DeadLetter] = []
        while try statement.step() { letters.append(statement.letter) }
        return letters
    }

    /// Notes that dead letters shall be tried again.
    func request(_ numbers: [UInt64]?) throws(SQLiteError) -> Int {
        try change(numbers, "UPDATE dead_letter SET is_wanted = 1")
    }

    func drop(_ numbers: [UInt64]?) throws(SQLiteError) -> Int {
        try change(numbers, "DELETE FROM dead_letter")
    }

    private func change(_ numbers: [UInt64]?, _ sql: String) throws(SQLiteError) -> Int {
        guard let numbers else {
            try connection.prepare(sql).run()
            return connection.changes
        }
        let statement = try connection.prepare(sql + " WHERE number = ?1")
        var changes = 0
        for number in Set(numbers) {
            try statement.bind(Int64(clamping: number), at: 1)
            try statement.run()
            changes += connection.changes
        }
        return changes
    }
}

extension Statement {
    /// The current row of the columns number, attempts, key, reason, body.
    var letter: DeadLetter {
        DeadLetter(
            number: UInt64(clamping: integer(at: 0)),
            key: StoreKey(bytes: bytes(at: 2)),
            body: bytes(at: 4),
            attempts: Int(integer(at: 1)),
            reason: text(at: 3)
        )
    }

    /// The current row of the columns sequence, claim, key, body.
    var record: JournalRecord {
        let claim = ClaimBytes.read(bytes(at: 1))
        return JournalRecord(
            sequence: UInt64(clamping: integer(at: 0)),
            key: StoreKey(bytes: bytes(at: 2)),
            body: bytes(at: 3),
            token: claim.token,
            attempts: claim.attempts
        )
    }
}

/// The token and the number of tries of a record: 8 and 4 bytes, little-endian; no token is 0.
enum ClaimBytes {
    static func of(token: UInt64?, attempts: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(12)
        withUnsafeBytes(of: (token ?? 0).littleEndian) { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: UInt32(clamping: attempts).littleEndian) { bytes.append(contentsOf: $0) }
        return bytes
    }

    static func read(_ bytes: [UInt8]) -> (token: UInt64?, attempts: Int) {
        guard bytes.count == 12 else { return (nil, 0) }
        let token = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let attempts = bytes[8...].reversed().reduce(0) { $0 << 8 | Int($1) }
        return (token == 0 ? nil : token, attempts)
    }
}
