import SQLite
import Testing

@Suite("Connection")
struct ConnectionTests {
    private let folder: TemporaryFolder
    private let connection: Connection

    init() throws {
        folder = try TemporaryFolder()
        connection = try Connection(path: folder.storePath, mode: .create, busyTimeout: .zero)
        try connection.execute("CREATE TABLE entry (number INTEGER, bytes BLOB)")
    }

    @Test("binds and reads numbers and bytes, the empty ones as well", arguments: [[], [0], [1, 0, 255]] as [[UInt8]])
    func roundTrip(bytes: [UInt8]) throws {
        let insert = try connection.prepare("INSERT INTO entry VALUES (?1, ?2)")
        for number in [Int64.min, 0, .max] {
            try insert.bind(number, at: 1)
            try insert.bind(bytes, at: 2)
            try insert.run()
        }
        try insert.bind(7, at: 1)
        try insert.run(borrowing: bytes, at: 2)
        let select = try connection.prepare("SELECT number, bytes, typeof(bytes) FROM entry ORDER BY rowid")
        for number in [Int64.min, 0, .max, 7] {
            #expect(try select.step())
            #expect(select.integer(at: 0) == number)
            #expect(select.bytes(at: 1) == bytes)
            #expect(select.text(at: 2) == "blob")
        }
        #expect(try !select.step())
    }

    @Test("a transaction that throws leaves no trace")
    func rollback() throws {
        struct Stop: Error {}
        #expect(throws: Stop.self) {
            try connection.write {
                try connection.execute("INSERT INTO entry VALUES (1, NULL)")
                throw Stop()
            }
        }
        #expect(!connection.isInTransaction)
        #expect(try connection.integer("SELECT count(*) FROM entry") == 0)
        try connection.write { try connection.execute("INSERT INTO entry VALUES (1, NULL)") }
        #expect(try connection.integer("SELECT count(*) FROM entry") == 1)
        #expect(connection.changes == 1)
    }

    @Test("says what is wrong in SQLite's own words")
    func errors() throws {
        do {
            try connection.execute("SELECT * FROM absent")
            Issue.record("A missing table was read.")
        } catch {
            #expect(error.message.contains("no such table: absent"))
            #expect(error.isSchemaChange)
            #expect(error.description.hasPrefix("SQLite error 1:"))
        }
        #expect(throws: SQLiteError.self) { try connection.prepare("") }
        #expect(throws: SQLiteError.self) { try connection.prepare("SELECT 1").bind(1, at: 2) }
    }

    @Test("a missing file is not created unless that is asked for")
    func missingFile() throws {
        do {
            _ = try Connection(path: folder.path + "/absent", mode: .existing, busyTimeout: .zero)
            Issue.record("A missing file was opened.")
        } catch {
            #expect(error.isOpening)
        }
        #expect(try !folder.contents().contains("absent"))
    }

    @Test("two writers at once: the second is told that the file is busy")
    func busy() throws {
        let other = try Connection(path: folder.storePath, mode: .existing, busyTimeout: .zero)
        try other.execute("BEGIN IMMEDIATE")
        do {
            try connection.execute("BEGIN IMMEDIATE")
            Issue.record("Two writers had the lock.")
        } catch {
            #expect(error.isBusy)
        }
    }

    @Test("errors are told apart by their codes")
    func kinds() {
        #expect(SQLiteError(code: 13, message: "").isOutOfSpace)
        #expect(SQLiteError(code: 10 | 3 << 8, message: "").isOutOfSpace)
        #expect(!SQLiteError(code: 10 | 1 << 8, message: "").isOutOfSpace)
        #expect(SQLiteError(code: 11 | 1 << 8, message: "").isCorruption)
        #expect(SQLiteError(code: 26, message: "").isCorruption)
        #expect(SQLiteError(code: 8, message: "").isPermission)
    }
}
