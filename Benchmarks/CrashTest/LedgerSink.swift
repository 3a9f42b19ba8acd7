import Foundation
import Larder
import MemoryCache
import SQLite

/// A sink in a SQLite file, which keeps all that it took, in order, and the tokens it has seen.
final class LedgerSink: WriteSink, Sendable {
    struct Failure: Error {}

    private let connection: Locked<Ledger>
    private let scenario: Scenario?
    private let tell: @Sendable (String) -> Void

    /// Opens the file.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - scenario: How it fails; `nil` for not at all.
    ///   - tell: Hears when a call begins and ends.
    /// - Throws: What SQLite answered.
    init(path: String, scenario: Scenario?, tell: @escaping @Sendable (String) -> Void) throws {
        connection = Locked(try Ledger(path: path))
        self.scenario = scenario
        self.tell = tell
    }

    func write(_ writes: [SinkWrite<Int, Int>]) async throws -> [SinkResult] {
        tell("p flush+")
        defer { tell("p flush-") }
        var failsAfterwards = false
        switch scenario {
        case .failing where Int.random(in: 0..<10) < 3:
            failsAfterwards = Bool.random()
            if !failsAfterwards { throw Failure() }
        case .late where Int.random(in: 0..<10) < 2:
            // Cancellation is not heeded: the writes arrive when nobody waits for them any more.
            await Task { try? await Task.sleep(for: .milliseconds(25)) }.value
        case .full:
            try? await Task.sleep(for: .milliseconds(20))
        default: break
        }
        let rejected = scenario?.rejectedNumbers
        let results = try connection.withLock { try $0.take(writes, rejecting: rejected) }
        if failsAfterwards { throw Failure() }
        return results
    }

    /// What the sink holds under a key.
    func value(of key: Int) throws -> Int? {
        try connection.withLock { try $0.value(of: key) }
    }
}

/// The file of the sink.
final class Ledger {
    /// A write that the sink took.
    struct Entry {
        let key: Int
        let sequence: Int64
        let change: WriteChange<Int>
    }

    private let connection: Connection
    private let see: Statement
    private let newest: Statement
    private let insert: Statement
    private let repeated: Statement

    init(path: String) throws {
        connection = try Connection(path: path, mode: .create, busyTimeout: .seconds(30))
        _ = try connection.texts("PRAGMA journal_mode = WAL")
        try connection.execute(
            """
            PRAGMA synchronous = OFF;
            CREATE TABLE IF NOT EXISTS token (token TEXT PRIMARY KEY) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS entry (
                number INTEGER PRIMARY KEY, key INTEGER, sequence INTEGER, kind INTEGER, value INTEGER
            );
            CREATE INDEX IF NOT EXISTS entry_by_key ON entry (key, sequence);
            CREATE TABLE IF NOT EXISTS repetition (number INTEGER PRIMARY KEY);
            """
        )
        see = try connection.prepare("INSERT OR IGNORE INTO token VALUES (?1)")
        newest = try connection.prepare("SELECT max(sequence) FROM entry WHERE key = ?1")
        insert = try connection.prepare("INSERT INTO entry (key, sequence, kind, value) VALUES (?1, ?2, ?3, ?4)")
        repeated = try connection.prepare("INSERT INTO repetition DEFAULT VALUES")
    }

    func take(_ writes: [SinkWrite<Int, Int>], rejecting rejected: Int?) throws -> [SinkResult] {
        try connection.write {
            try writes.map { write in
                if let rejected, case .put(let value) = write.change, value % rejected == 0 {
                    return .rejected(reason: "a multiple of \(rejected)")
                }
                try see.bind(write.token.description, at: 1)
                try see.run()
                if connection.changes == 0 {
                    try repeated.run()
                    return .done
                }
                let (kind, value): (Int64, Int) =
                    switch write.change {
                    case .put(let value): (0, value)
                    case .delete: (1, 0)
                    case .merge(let value): (2, value)
                    }
                try insert.bind(Int64(write.key), at: 1)
                try insert.bind(Int64(write.sequence), at: 2)
                try insert.bind(kind, at: 3)
                try insert.bind(Int64(value), at: 4)
                try insert.run()
                return .done
            }
        }
    }

    func value(of key: Int) throws -> Int? {
        if key % 2 == 1 {
            return Int(try connection.integer("SELECT sum(value) FROM entry WHERE key = \(key)"))
        }
        let value = try connection.integer(
            "SELECT iif(kind = 1, 0, value) FROM entry WHERE key = \(key) ORDER BY number DESC LIMIT 1"
        )
        return value == 0 ? nil : Int(value)
    }

    /// What the sink took under a key, in the order in which it took it.
    func entries(of key: Int) throws -> [Entry] {
        let statement = try connection.prepare(
            "SELECT sequence, kind, value FROM entry WHERE key = \(key) ORDER BY number"
        )
        var entries: [Entry] = []
        while try statement.step() {
            let value = Int(statement.integer(at: 2))
            let change: WriteChange<Int> =
                switch statement.integer(at: 1) {
                case 0: .put(value)
                case 1: .delete
                default: .merge(value)
                }
            entries.append(Entry(key: key, sequence: statement.integer(at: 0), change: change))
        }
        return entries
    }

    func repetitions() throws -> Int { Int(try connection.integer("SELECT count(*) FROM repetition")) }
}
