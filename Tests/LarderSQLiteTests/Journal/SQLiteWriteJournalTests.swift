import Foundation
import Larder
import LarderTesting
import Logging
import SQLite
import Testing

@testable import LarderSQLite

@Suite("SQLiteWriteJournal", .timeLimit(.minutes(10)))
struct SQLiteWriteJournalTests {
    private let folder: TemporaryFolder
    private let log = LogRecorder()

    init() throws {
        folder = try TemporaryFolder()
    }

    private var path: String { folder.path + "/writes.journal" }

    private func journal(
        clock: any Clock<Duration> = ContinuousClock(),
        _ change: (inout SQLiteWriteJournal.Configuration) -> Void = { _ in }
    ) throws -> SQLiteWriteJournal {
        var configuration = SQLiteWriteJournal.Configuration()
        change(&configuration)
        return try SQLiteWriteJournal(path: path, configuration: configuration, clock: clock, logger: log.logger)
    }

    @Test("keeps the promises of a journal", arguments: WriteJournalConformance.checks)
    func conformance(check: WriteJournalConformance.Check) async throws {
        try await check.run { try journal() }
    }

    // MARK: The owner

    @Test("a journal whose owner lives is refused to others, whose dead letters commands work all the same")
    func inUse() async throws {
        let owner = try journal()
        let contents = try await owner.open()
        let record = JournalRecord.test(1, fence: contents.fence)
        try await owner.append([record])
        try await owner.settle([JournalSettlement(sequences: [record.sequence], deadLetter: record.letter)])
        let other = try journal { $0.takeOverTimeout = .zero }
        await #expect(throws: CacheError.self) { _ = try await other.open() }
        #expect(try await other.deadLetters(after: nil, limit: 10) == [record.letter])
        #expect(try await other.requestReplay(of: nil) == 1)
        #expect(try await owner.renewLease() == [record.letter])
        await #expect(throws: CacheError.self) { try await other.append([record]) }
        await owner.close()
        _ = try await other.open()
        await other.close()
    }

    @Test("an owner that ends is followed by the one who waits")
    func succession() async throws {
        let clock = ManualClock()
        let owner = try journal(clock: clock)
        let first = try await owner.open()
        let successor = try journal(clock: clock)
        let opening = Task { try await successor.open() }
        await clock.waitForSleepers()
        await owner.close()
        clock.advance(by: .milliseconds(50))
        #expect(try await opening.value.fence > first.fence)
        await successor.close()
    }

    @Test("an owner that shows no life loses the journal, and changes nothing in it any more")
    func takeOver() async throws {
        let clock = ManualClock()
        let owner = try journal(clock: clock) { $0.leaseDuration = .seconds(1) }
        let first = try await owner.open()
        try await owner.append([.test(1, fence: first.fence)])
        let successor = try journal(clock: clock) { $0.leaseDuration = .seconds(1) }
        let opening = Task { try await successor.open() }
        for _ in 0..<19 {
            await clock.waitForSleepers()
            clock.advance(by: .milliseconds(50))
        }
        await clock.waitForSleepers()
        #expect(try await owner.renewLease() == [], "it shows life in time")
        for _ in 0..<21 {
            await clock.waitForSleepers()
            clock.advance(by: .milliseconds(50))
        }
        let second = try await opening.value
        #expect(second.fence > first.fence && second.records.count == 1)

        let sequence = second.records[0].sequence
        let calls: [@Sendable () async throws -> Void] = [
            { try await owner.append([.test(2, fence: first.fence)]) },
            { try await owner.claim([JournalClaim(sequences: [sequence], token: 1, attempts: 9)]) },
            { try await owner.settle([JournalSettlement(sequences: [sequence])]) },
            { try await owner.revive([.test(3, fence: first.fence)]) },
            { _ = try await owner.renewLease() },
        ]
        for call in calls {
            do {
                try await call()
                Issue.record("A deposed owner changed the journal.")
            } catch {
                #expect((error as? CacheError)?.code == .journalInUse)
            }
        }
        await owner.close()
        await successor.close()
        let third = try journal()
        #expect(try await third.open().records == [.test(1, fence: first.fence)])
        await third.close()
    }

    // MARK: The disk

    @Test("a full disk refuses writes, keeps what there is, and takes writes again when there is room")
    func fullDisk() async throws {
        let full = try journal { $0.maximumPages = 40 }
        let contents = try await full.open()
        var kept: [JournalRecord] = []
        var error: (any Error)?
        while error == nil, kept.count < 1_000 {
            let record = JournalRecord.test(UInt64(kept.count + 1), size: 2_000, fence: contents.fence)
            do {
                try await full.append([record])
                kept.append(record)
            } catch let thrown {
                error = thrown
            }
        }
        #expect((error as? SQLiteStoreError)?.code == .diskFull)
        #expect(kept.count > 10)
        // What is settled makes room, which needs none by itself.
        try await full.claim(kept.map { JournalClaim(sequences: [$0.sequence], token: $0.sequence, attempts: 1) })
        try await full.settle(kept[..<5].map { JournalSettlement(sequences: [$0.sequence]) })
        let another = JournalRecord.test(UInt64(kept.count + 2), size: 2_000, fence: contents.fence)
        try await full.append([another])
        await full.close()
        let again = try journal()
        #expect(try await again.open().records.map(\.sequence) == kept[5...].map(\.sequence) + [another.sequence])
        await again.close()
    }

    @Test("past the bound on dead letters nothing dies until some are dropped")
    func deadLetterBound() async throws {
        let journal = try journal { $0.maximumDeadLetters = 2 }
        let contents = try await journal.open()
        let records = (1...3).map { JournalRecord.test($0, fence: contents.fence) }
        try await journal.append(records)
        func bury(_ record: JournalRecord) async throws {
            try await journal.settle([JournalSettlement(sequences: [record.sequence], deadLetter: record.letter)])
        }
        try await bury(records[0])
        try await bury(records[1])
        #expect(await code { try await bury(records[2]) } == .overloaded)
        try await journal.dropDeadLetters([records[0].sequence])
        try await bury(records[2])
        await journal.close()
    }

    @Test("many writers share a sync, and so a transaction")
    func groupCommit() async throws {
        let journal = try journal()
        let contents = try await journal.open()
        let lock = try HeldLock(path)
        let writes = (1...50)
            .map { number in Task { try await journal.append([.test(number, fence: contents.fence)]) } }
        // All of them wait for the writer, which waits for the lock.
        while journal.pendingWrites < 50 { await Task.yield() }
        let before = try walFrames()
        try lock.release()
        for write in writes { try await write.value }
        // A few transactions of a few pages each, not fifty.
        #expect(try walFrames() - before < 30)
        await journal.close()
    }

    private func walFrames() throws -> Int {
        let size = try FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? Int ?? 0
        return max(0, size - 32) / (4_096 + 24)
    }

    // MARK: Files that are none of ours

    @Test("a journal of a newer version, and a database of another program, stay as they are")
    func foreign() async throws {
        let first = try journal()
        _ = try await first.open()
        await first.close()
        try Connection(path: path, mode: .existing, busyTimeout: .seconds(5)).execute("PRAGMA user_version = 2")
        let newer = try journal()
        #expect(await code { _ = try await newer.open() } == .cannotOpen)
        await newer.close()
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
        try Connection(path: path, mode: .create, busyTimeout: .seconds(5)).execute("CREATE TABLE mine (number)")
        let foreign = try journal()
        #expect(await code { _ = try await foreign.open() } == .foreignDatabase)
        await foreign.close()
        #expect(try folder.contents().filter { $0.contains("corrupt") }.isEmpty)
    }

    @Test("settings out of range are refused")
    func validation() async throws {
        let changes: [(inout SQLiteWriteJournal.Configuration) -> Void] = [
            { $0.leaseDuration = .zero }, { $0.takeOverTimeout = .seconds(-1) }, { $0.maximumDeadLetters = 0 },
            { $0.maximumQueuedWrites = 0 }, { $0.busyTimeout = .seconds(61) },
        ]
        for change in changes { #expect(await code { _ = try journal(change) } == .invalidConfiguration) }
    }
}
