import Foundation
import Larder
import LarderSQLite
import LarderTesting
import Logging
import SQLite
import Testing

@Suite("SQLiteStore and damage")
struct SQLiteStoreDamageTests {
    private let folder: TemporaryFolder
    private let log = LogRecorder()
    private let clock = WallClock()

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test("a file of garbage is set aside, and the store starts empty")
    func garbageAtOpening() async throws {
        let garbage = Data((0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 3) })
        try garbage.write(to: URL(fileURLWithPath: folder.storePath))
        let store = try SQLiteStore(in: folder, log: log)
        #expect(try await store.numbers() == [])
        try await store.fill(0..<3)
        #expect(try await store.numbers() == [0, 1, 2])
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.storePath + ".corrupt-1")) == garbage)
        #expect(store.statistics.filesSetAside == 1)
        #expect(log.messages(.warning).count == 1)
    }

    @Test("a header of a database with garbage behind it is set aside")
    func garbageBehindHeader() async throws {
        let old = try SQLiteStore(in: folder)
        try await old.fill(0..<2_000)
        await old.shutdown()
        try overwrite(from: 100) { _ in 0xAA }
        let store = try SQLiteStore(in: folder, log: log)
        #expect(try await store.numbers() == [])
        try await store.fill(0..<3)
        #expect(try await store.numbers() == [0, 1, 2])
        #expect(store.statistics.filesSetAside == 1)
    }

    @Test("a live file whose pages turn to garbage is set aside by the first read that meets them")
    func garbageUnderReader() async throws {
        let store = try await liveStore()
        try overwrite(from: 4_096) { _ in 0xAA }
        #expect(try await store.value(forKey: .number(1_234)) == nil)
        #expect(store.statistics.filesSetAside == 1)
        #expect(try await store.numbers() == [])
        try await store.fill(0..<3)
        #expect(try await store.numbers() == [0, 1, 2])
        #expect(log.messages(.warning).count == 1)
    }

    @Test("a live file whose pages turn to garbage is set aside by the first write that meets them")
    func garbageUnderWriter() async throws {
        let store = try await liveStore()
        try overwrite(from: 4_096) { _ in 0xAA }
        try await store.fill(7..<8)
        #expect(store.statistics.filesSetAside == 1)
        #expect(try await store.numbers() == [7])
    }

    @Test("all tasks that meet the damage at once get an answer, and one file is set aside")
    func garbageUnderManyReaders() async throws {
        let store = try await liveStore()
        try overwrite(from: 4_096) { _ in 0xAA }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<50 {
                group.addTask { _ = try await store.values(forKeys: [.number(number)]) }
                group.addTask { try await store.setValue([1], forKey: .number(number), timeToLive: .seconds(60)) }
            }
            try await group.waitForAll()
        }
        #expect(store.statistics.filesSetAside == 1)
        #expect(
            try folder.contents()
                .filter { $0.hasPrefix("store.sqlite.corrupt") && !$0.contains("-wal") && !$0.contains("-shm") } == [
                    "store.sqlite.corrupt-1"
                ]
        )
    }

    @Test("garbage in random places never makes an operation throw", arguments: 0..<20)
    func randomGarbage(round: Int) async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = RandomNumbers(seed: seed)
        let store = try await liveStore(entries: 500)
        let size = try #require(FileManager.default.attributesOfItem(atPath: folder.storePath)[.size] as? Int)
        for _ in 0..<10 {
            let start = Int.random(in: 0..<size - 512, using: &generator)
            try overwrite(from: start, count: Int.random(in: 1...512, using: &generator)) { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
        }
        do {
            for number in 0..<500 { _ = try await store.value(forKey: .number(number)) }
            _ = try await store.values(forKeys: (0..<500).map { .number($0) })
            _ = try await store.numbers()
            for number in 0..<500 { try await store.setValue([1], forKey: .number(number), timeToLive: .seconds(60)) }
            try await store.removeValues(forKeys: (0..<250).map { .number($0) })
            try await store.removeAll(withPrefix: StoreKey("number:"))
            try await store.sweep()
        } catch {
            Issue.record("\(error); the seed is \(seed)")
        }
    }

    @Test("a row of the wrong types is read as some bytes or as none")
    func garbageInRow() async throws {
        let store = try SQLiteStore(in: folder, clock: clock)
        try await store.fill(0..<7)
        let database = try Connection(path: folder.storePath, mode: .existing, busyTimeout: .seconds(5))
        try database.execute(
            """
            UPDATE entry SET value = 'text' WHERE key = CAST('number:0' AS BLOB);
            UPDATE entry SET value = 3.25 WHERE key = CAST('number:1' AS BLOB);
            UPDATE entry SET expires_at = 'never' WHERE key = CAST('number:2' AS BLOB);
            UPDATE entry SET time_to_live = x'FF' WHERE key = CAST('number:3' AS BLOB);
            UPDATE entry SET expires_at = -9223372036854775808 WHERE key = CAST('number:4' AS BLOB);
            UPDATE entry SET time_to_live = -9223372036854775808 WHERE key = CAST('number:5' AS BLOB);
            UPDATE entry SET expires_at = 9223372036854775807, time_to_live = 9223372036854775807
            WHERE key = CAST('number:6' AS BLOB);
            """
        )
        let values = try await store.values(forKeys: (0..<7).map { .number($0) })
        let expected: [[UInt8]?] = [Array("text".utf8), Array("3.25".utf8), nil, nil, nil, nil, .number(6)]
        #expect(values.map { $0?.bytes } == expected)
    }

    @Test("a file that was deleted under the store is replaced by an empty one")
    func deletedFile() async throws {
        let store = try await liveStore()
        for suffix in ["", "-wal", "-shm"] { try FileManager.default.removeItem(atPath: folder.storePath + suffix) }
        clock.advance(by: .milliseconds(1))
        #expect(try await store.value(forKey: .number(1)) == nil)
        try await store.fill(0..<3)
        #expect(try await store.numbers() == [0, 1, 2])
        #expect(store.statistics.filesSetAside == 0)
        await store.shutdown()
        #expect(try await SQLiteStore(in: folder, clock: clock).numbers() == [0, 1, 2])
    }

    @Test("a store follows when another one sets the shared file aside")
    func sharedFileSetAside() async throws {
        let first = try await liveStore()
        let second = try SQLiteStore(in: folder, configuration: .uncached, clock: clock, log: log)
        #expect(try await second.numbers().count == 2_000)
        try overwrite(from: 4_096) { _ in 0xAA }
        #expect(try await first.value(forKey: .number(1)) == nil)
        clock.advance(by: .milliseconds(1))
        try await first.fill(0..<3)
        #expect(try await second.numbers() == [0, 1, 2])
        try await second.fill(3..<4)
        #expect(try await first.numbers() == [0, 1, 2, 3])
        // Usually the first one, which met the damage; but the other one may have looked after the file meanwhile.
        #expect(first.statistics.filesSetAside + second.statistics.filesSetAside == 1)
        #expect(try await integrity() == ["ok"])
    }

    @Test("damaged files do not pile up without end")
    func boundedPile() async throws {
        for round in 1...8 {
            try Data("garbage \(round)".utf8).write(to: URL(fileURLWithPath: folder.storePath))
            for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: folder.storePath + suffix) }
            let store = try SQLiteStore(in: folder)
            await store.shutdown()
        }
        let aside = try folder.contents().filter { $0.contains("corrupt") && $0.last?.isNumber == true }
        #expect(aside == (1...5).map { "store.sqlite.corrupt-\($0)" })
        let texts = try aside.map { try String(contentsOfFile: folder.path + "/" + $0, encoding: .utf8) }
        #expect(texts == [1, 2, 3, 4, 8].map { "garbage \($0)" })
    }

    /// A store whose entries all lie in the file, none in the log and none in memory.
    private func liveStore(entries: Int = 2_000) async throws -> SQLiteStore {
        let store = try SQLiteStore(in: folder, configuration: .uncached, clock: clock, log: log)
        try await store.fill(0..<entries)
        try await store.checkpoint()
        return store
    }

    private func overwrite(from start: Int, count: Int? = nil, _ byte: (Int) -> UInt8) throws {
        let handle = try #require(FileHandle(forUpdatingAtPath: folder.storePath))
        let size = Int(try handle.seekToEnd())
        try handle.seek(toOffset: UInt64(start))
        try handle.write(contentsOf: Data((start..<(count.map { start + $0 } ?? size)).map(byte)))
        try handle.close()
    }

    private func integrity() async throws -> [String] {
        let database = try Connection(path: folder.storePath, mode: .existing, busyTimeout: .seconds(5))
        return try database.texts("PRAGMA integrity_check")
    }
}

extension SQLiteStore.Configuration {
    /// Reads each page from the file.
    static var uncached: SQLiteStore.Configuration {
        var configuration = SQLiteStore.Configuration()
        configuration.pageCacheBytes = 0
        return configuration
    }
}

/// Numbers that are the same for the same seed.
struct RandomNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state ^ (state >> 29)) &* 0xBF58_476D_1CE4_E5B9
    }
}
