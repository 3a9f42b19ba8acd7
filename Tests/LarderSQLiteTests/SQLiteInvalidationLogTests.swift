import Foundation
import Larder
import LarderSQLite
import LarderTesting
import SQLite
import Testing

@Suite("SQLiteInvalidationLog")
struct SQLiteInvalidationLogTests {
    private let folder: TemporaryFolder
    private let record = InvalidationRecord(.tags(["a"]), in: "n")

    init() throws {
        folder = try TemporaryFolder()
    }

    private var path: String { folder.path + "/log.sqlite" }

    @Test("keeps the promises of a log", arguments: InvalidationLogConformance.checks)
    func conformance(check: InvalidationLogConformance.Check) async throws {
        try await check.run { limit in
            let folder = try TemporaryFolder()
            let path = folder.path + "/log.sqlite"
            var configuration = SQLiteInvalidationLog.Configuration()
            configuration.maximumRecords = limit
            configuration.busyTimeout = .seconds(30)
            let open: @Sendable () throws -> SQLiteInvalidationLog = { [configuration] in
                try SQLiteInvalidationLog(path: path, configuration: configuration)
            }
            return .init(log: try open(), cleanUp: { _ = folder }, openAnother: { try open() })
        }
    }

    @Test("records outlive a restart, and their offsets go on")
    func restart() async throws {
        let first = try SQLiteInvalidationLog(path: path)
        let end = try await first.append([record, record])
        await first.shutdown()
        let second = try SQLiteInvalidationLog(path: path)
        let before = LogPosition(epoch: end.epoch, offset: end.offset - 2)
        #expect(try await second.nextBatch(after: before, patience: .zero).records.map(\.record) == [record, record])
        #expect(try await second.append(record) == LogPosition(epoch: end.epoch, offset: end.offset + 1))
    }

    @Test("a file that was replaced begins another epoch, for those who read and for those who append")
    func replaced() async throws {
        let log = try SQLiteInvalidationLog(path: path)
        let end = try await log.append(record)
        for suffix in ["", "-wal", "-shm"] { try FileManager.default.removeItem(atPath: path + suffix) }
        let batch = try await log.nextBatch(after: end, patience: .seconds(60))
        #expect(batch.isAfterGap && batch.position.epoch != end.epoch)
        for suffix in ["", "-wal", "-shm"] { try FileManager.default.removeItem(atPath: path + suffix) }
        #expect(try await log.append(record).epoch != batch.position.epoch)
    }

    @Test("a reader who waits notices that the file was replaced")
    func replacedWhileWaiting() async throws {
        let log = try SQLiteInvalidationLog(path: path)
        let end = try await log.append(record)
        async let batch = log.nextBatch(after: end, patience: .seconds(600))
        await Task.yield()
        for suffix in ["", "-wal", "-shm"] { try FileManager.default.removeItem(atPath: path + suffix) }
        #expect(try await batch.isAfterGap)
    }

    @Test("a damaged file is set aside and begins another epoch")
    func damaged() async throws {
        let log = try SQLiteInvalidationLog(path: path)
        let end = try await log.append(record)
        await log.shutdown()
        try Data(repeating: 0x5A, count: 8_192).write(to: URL(fileURLWithPath: path))
        let next = try SQLiteInvalidationLog(path: path)
        #expect(try await next.nextBatch(after: end, patience: .zero).isAfterGap)
        #expect(try await next.append(record).epoch != end.epoch)
        #expect(try folder.contents().contains("log.sqlite.corrupt-1"))
    }

    @Test("another start of the machine begins another epoch, for a power cut may have taken records")
    func boot() async throws {
        let first = try SQLiteInvalidationLog(path: path)
        let end = try await first.append(record)
        await first.shutdown()
        var configuration = SQLiteInvalidationLog.Configuration()
        #expect(!configuration.bootIdentifier.isEmpty)
        configuration.bootIdentifier = "another start"
        let second = try SQLiteInvalidationLog(path: path, configuration: configuration)
        let batch = try await second.nextBatch(after: end, patience: .zero)
        #expect(batch.isAfterGap && batch.position.epoch != end.epoch && batch.position.offset == end.offset)
        #expect(try await second.nextBatch(after: batch.position, patience: .zero).records.isEmpty)
    }

    @Test("a record that nobody can read is a gap")
    func unreadable() async throws {
        let log = try SQLiteInvalidationLog(path: path)
        let first = try await log.append(record)
        let last = try await log.append([record, record])
        let database = try Connection(path: path, mode: .existing, busyTimeout: .seconds(5))
        try database.execute("UPDATE record SET body = x'02' WHERE log_offset = \(last.offset - 1)")
        let start = LogPosition(epoch: first.epoch, offset: first.offset - 1)
        let before = try await log.nextBatch(after: start, patience: .zero)
        #expect(before.records.count == 1 && before.position == first)
        let gap = try await log.nextBatch(after: first, patience: .zero)
        #expect(gap.isAfterGap && gap.position.offset == last.offset - 1)
        #expect(try await log.nextBatch(after: gap.position, patience: .zero).position == last)
    }

    @Test("old records are trimmed by their age")
    func age() async throws {
        let clock = WallClock()
        var configuration = SQLiteInvalidationLog.Configuration()
        configuration.maximumAge = .seconds(60)
        let log = try SQLiteInvalidationLog(path: path, configuration: configuration, now: clock.now)
        let start = try await log.nextBatch(after: nil, patience: .zero).position
        _ = try await log.append(Array(repeating: record, count: 100))
        clock.advance(by: .seconds(61))
        let end = try await log.append(Array(repeating: record, count: 300))
        let gap = try await log.nextBatch(after: start, patience: .zero)
        #expect(gap.isAfterGap && gap.position.offset == end.offset - 300)
    }

    @Test("the file of a store is refused and left as it is")
    func foreign() async throws {
        let store = try SQLiteStore(in: folder)
        try await store.fill(0..<1)
        #expect(await code { _ = try SQLiteInvalidationLog(path: folder.storePath) } == .foreignDatabase)
        #expect(try await store.numbers() == [0])
    }

    @Test("a setting out of its range is refused")
    func configuration() async throws {
        for fault in 0..<4 {
            var configuration = SQLiteInvalidationLog.Configuration()
            switch fault {
            case 0: configuration.maximumRecords = 0
            case 1: configuration.maximumAge = .zero
            case 2: configuration.maximumQueuedBytes = 0
            default: configuration.busyTimeout = .seconds(61)
            }
            let refusal = await code { _ = try SQLiteInvalidationLog(path: path, configuration: configuration) }
            #expect(refusal == .invalidConfiguration)
        }
    }
}
