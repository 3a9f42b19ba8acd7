import Foundation
import Larder
import LarderSQLite
import Logging
import SQLite
import Subprocess
import Testing

@Suite("SQLiteStore and processes")
struct SQLiteStoreProcessTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test("killing a writer at any moment loses nothing that was acknowledged")
    func kills() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = RandomNumbers(seed: seed)
        var history = History()
        for round in 0..<12 {
            let first = round * 1_000_000
            history.begin(first)
            let lines = Int.random(in: 1...300, using: &generator)
            _ = try await WriterProcess.run("write", folder.storePath, "\(first)") { writer in
                for _ in 0..<lines {
                    let line = try await writer.nextLine()
                    history.note(try #require(line, "The writer ended by itself; the seed is \(seed)."))
                }
                for line in try await writer.killed() { history.note(line) }
            }

            let database = try Connection(path: folder.storePath, mode: .existing, busyTimeout: .seconds(30))
            #expect(try database.texts("PRAGMA integrity_check") == ["ok"], "The seed is \(seed).")
            let store = try open()
            try await expect(history, in: store, "round \(round), seed \(seed)")
            #expect(store.statistics.filesSetAside == 0)
            // Every other writer meets a log that nobody has copied into the file.
            if round % 2 == 0 { await store.shutdown() }
        }
        #expect(history.written.count > 12 && !history.removed.isEmpty)
    }

    @Test("two processes see each other's writes")
    func twoProcesses() async throws {
        let store = try open()
        let status = try await WriterProcess.run("write", folder.storePath, "1") { writer in
            for _ in 0..<200 {
                let line = try await writer.nextLine()
                let words = try #require(line).split(separator: " ")
                let value = try await store.value(forKey: StoreKey("entry:\(words[1]):\(words[2])"))
                if words[0] == "removed" {
                    #expect(value == nil)
                } else if Int(words[2]).map({ $0 % 3 != 0 }) ?? true {
                    #expect(value?.bytes == Array(words[2].utf8))
                }
            }
            try await store.setValue([], forKey: StoreKey("stop"), timeToLive: .seconds(600))
            while try await writer.nextLine() != nil {}
        }
        #expect(status.isSuccess)
    }

    @Test("a file that may not grow fails writes, keeps reads, and goes on when it may grow again")
    func fileSizeLimit() async throws {
        let status = try await WriterProcess.run("fill", folder.storePath, "200000") { writer in
            for expected in ["full", "recovered", nil] {
                let line = try await writer.nextLine()
                #expect(line == expected)
            }
        }
        #expect(status.isSuccess)
    }

    private func open() throws -> SQLiteStore {
        try SQLiteStore(path: folder.storePath, configuration: .patient, logger: Logger(label: "test"))
    }

    private func expect(_ history: History, in store: SQLiteStore, _ comment: Comment) async throws {
        let written = history.written.subtracting(history.removed)
        // What was told to be written may have been removed before the kill without anybody being told.
        let certain = written.filter { $0.number % 3 != 0 }.sorted { $0.number < $1.number }
        let values = try await store.values(forKeys: certain.map(\.key))
        for (entry, value) in zip(certain, values) where value?.bytes != Array("\(entry.number)".utf8) {
            Issue.record("\(entry.key) was acknowledged and is lost; \(comment)")
        }
        for value in try await store.values(forKeys: history.removed.map(\.key)) {
            #expect(value == nil, comment)
        }
        for (task, possible) in history.newest.enumerated() {
            let value = try await store.value(forKey: StoreKey("newest:\(task)"))
            let newest = value.flatMap { Int(String(decoding: $0.bytes, as: UTF8.self)) }
            #expect(possible.contains(newest), comment)
        }
    }

    /// What the writers were told to be done.
    private struct History {
        struct Entry: Hashable {
            let task: Int
            let number: Int

            var key: StoreKey { StoreKey("entry:\(task):\(number)") }
        }

        var written: Set<Entry> = []
        var removed: Set<Entry> = []
        /// What the newest number of each task may be: the last acknowledged one, or the one after it, whose writer
        /// was killed before it could tell.
        var newest: [Set<Int?>] = Array(repeating: [nil], count: 4)

        mutating func begin(_ first: Int) {
            for task in newest.indices { newest[task].insert(first) }
        }

        mutating func note(_ line: String) {
            let words = line.split(separator: " ")
            guard words.count == 3, let task = Int(words[1]), let number = Int(words[2]) else { return }
            let entry = Entry(task: task, number: number)
            if words[0] == "removed" {
                removed.insert(entry)
            } else {
                written.insert(entry)
                newest[task] = [number, number + 1]
            }
        }
    }
}
