import Foundation
import MemoryCache
import SQLite

/// One `INSERT` per write into SQLite, each in a transaction of its own that is on the disk when it ends.
enum PlainInserts {
    /// Measures how many writes per second threads make that share a connection, which is faster than one each.
    static func measure(writers: Int) async throws -> Double {
        try await withTemporaryFolder { folder in
            let table = try Table(path: folder + "/plain.sqlite")
            let end = ContinuousClock.now + JournalBenchmark.duration
            let start = ContinuousClock.now
            let count = await withCheckedContinuation { continuation in
                let tally = Locked((left: writers, count: 0))
                let group = Group(tally: tally)
                for _ in 0..<writers {
                    Thread.detachNewThread {
                        var count = 0
                        while ContinuousClock.now < end, (try? table.insert()) != nil { count += 1 }
                        if let total = group.finish(count) { continuation.resume(returning: total) }
                    }
                }
            }
            return Double(count) / ((ContinuousClock.now - start) / .seconds(1))
        }
    }

    /// What the threads have done.
    private final class Group: Sendable {
        private let tally: Locked<(left: Int, count: Int)>

        init(tally: consuming sending Locked<(left: Int, count: Int)>) {
            self.tally = tally
        }

        /// Notes that a thread has ended; the sum for the last of them.
        func finish(_ count: Int) -> Int? {
            tally.withLock { tally in
                tally.left -= 1
                tally.count += count
                return tally.left == 0 ? tally.count : nil
            }
        }
    }

    private final class Table: Sendable {
        private let state: Locked<State>

        struct State {
            let connection: Connection
            let insert: Statement
            var number: Int64 = 0
        }

        init(path: String) throws {
            let connection = try Connection(path: path, mode: .create, busyTimeout: .seconds(5))
            _ = try connection.texts("PRAGMA journal_mode = WAL")
            try connection.execute(
                "PRAGMA synchronous = FULL; CREATE TABLE entry (number INTEGER PRIMARY KEY, value BLOB)"
            )
            state = Locked(
                State(connection: connection, insert: try connection.prepare("INSERT INTO entry VALUES (?1, ?2)"))
            )
        }

        func insert() throws {
            try state.withLock { state in
                state.number += 1
                try state.insert.bind(state.number, at: 1)
                try state.insert.run(borrowing: JournalBenchmark.value, at: 2)
            }
        }
    }
}
