import Foundation
import Larder
import LarderTesting
import Logging
import SQLite
import Testing

@testable import LarderSQLite

@Suite("SQLiteWriteJournal and damage", .timeLimit(.minutes(10)))
struct SQLiteWriteJournalDamageTests {
    private let folder: TemporaryFolder
    private let log = LogRecorder()

    init() throws {
        folder = try TemporaryFolder()
    }

    private var path: String { folder.path + "/writes.journal" }

    private func open() async throws -> (journal: SQLiteWriteJournal, contents: JournalContents) {
        let journal = try SQLiteWriteJournal(path: path, logger: log.logger)
        return (journal, try await journal.open())
    }

    /// A closed journal of some records, all of them in the file and none in the log.
    private func fill(_ count: UInt64) async throws -> (records: [JournalRecord], contents: JournalContents) {
        let (journal, contents) = try await open()
        let records = (1...count).map { JournalRecord.test($0, size: 500, fence: contents.fence) }
        try await journal.append(records)
        try await journal.compact()
        await journal.close()
        return (records, contents)
    }

    private func change(_ path: String, _ body: (inout Data) -> Void) throws {
        var data = try Data(contentsOf: URL(filePath: path))
        body(&data)
        try data.write(to: URL(filePath: path))
    }

    @Test("a torn tail is cut off at the last whole commit", arguments: [1, 100, 4_000, 9_000])
    func tornTail(cut: Int) async throws {
        let (journal, contents) = try await open()
        try await journal.compact()
        var sizes: [Int] = []
        for number in 1...20 {
            try await journal.append([.test(UInt64(number), size: 500, fence: contents.fence)])
            sizes.append(try logSize())
        }
        // A copy, as a power failure would leave it: the end of the log never reached the disk.
        let copy = try TemporaryFolder()
        try FileManager.default.copyItem(atPath: path, toPath: copy.path + "/writes.journal")
        try FileManager.default.copyItem(atPath: path + "-wal", toPath: copy.path + "/writes.journal-wal")
        await journal.close()
        let left = sizes[19] - cut
        try change(copy.path + "/writes.journal-wal") { $0 = $0.prefix(left) }

        let torn = try SQLiteWriteJournal(path: copy.path + "/writes.journal", logger: log.logger)
        let found = try await torn.open()
        #expect(
            found.records.map(\.sequence)
                == (1...20).filter { sizes[$0 - 1] <= left }.map { contents.fence << 36 + UInt64($0) }
        )
        #expect(found.loss == nil)
        try await torn.append([.test(1, fence: found.fence)])
        await torn.close()
    }

    private func logSize() throws -> Int {
        try FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? Int ?? 0
    }

    @Test("a record whose bytes changed is left out, and all others are kept")
    func flippedBit() async throws {
        let (records, contents) = try await fill(200)
        let victim = records[100]
        try change(path) { data in
            guard let range = data.range(of: Data(victim.body)) else { return }
            data[range.lowerBound + 100] ^= 1
        }
        let (journal, found) = try await open()
        #expect(found.records == records.filter { $0 != victim })
        #expect(found.loss?.damaged == 1 && found.loss?.salvaged == 199 && found.loss?.gaps == [])
        #expect(found.identifier == contents.identifier && found.fence > contents.fence)
        #expect(try folder.contents().contains("writes.journal.corrupt-1"))
        #expect(!log.messages(.error).isEmpty)
        // What comes after is kept, and the loss is told once.
        try await journal.append([.test(1, fence: found.fence)])
        await journal.close()
        let (again, later) = try await open()
        #expect(later.records.count == 200 && later.loss == nil)
        await again.close()
    }

    @Test("a page that was overwritten costs its own records, which are reported as a gap", arguments: [1, 7, 20, 30])
    func lostPage(page: Int) async throws {
        let (records, _) = try await fill(200)
        try change(path) { data in
            let start = data.count * page / 32 / 4_096 * 4_096
            guard start >= 5 * 4_096 else {
                return data.replaceSubrange(5 * 4_096..<6 * 4_096, with: Data(count: 4_096))
            }
            data.replaceSubrange(start..<start + 4_096, with: Data(repeating: 0xAA, count: 4_096))
        }
        let (journal, found) = try await open()
        let loss = try #require(found.loss)
        let lost = Set(records.map(\.sequence)).subtracting(found.records.map(\.sequence))
        #expect(!lost.isEmpty && lost.count <= 20, "\(lost.count) records were lost")
        #expect(found.records.allSatisfy { records.contains($0) })
        #expect(lost.allSatisfy { number in loss.gaps.contains { $0.contains(number) } })
        #expect(loss.salvaged == found.records.count)
        await journal.close()
    }

    @Test("a header that was overwritten costs nothing but itself")
    func lostHeader() async throws {
        let (records, contents) = try await fill(200)
        try change(path) { $0.replaceSubrange(0..<100, with: Data(repeating: 0x55, count: 100)) }
        let (journal, found) = try await open()
        #expect(found.records == records)
        #expect(found.identifier == contents.identifier)
        await journal.close()
    }

    @Test("garbage in place of the file is set aside, and the numbers of the lost one do not come again")
    func garbage() async throws {
        let (_, contents) = try await fill(10)
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
        try Data(repeating: 0x55, count: 100_000).write(to: URL(filePath: path))
        let (journal, found) = try await open()
        #expect(found.records.isEmpty && found.loss?.gaps.isEmpty == false)
        #expect(found.fence >= contents.fence)
        await journal.close()
    }

    @Test("dead letters are salvaged too")
    func deadLetters() async throws {
        let (journal, contents) = try await open()
        let records = (1...50).map { JournalRecord.test($0, size: 500, fence: contents.fence) }
        try await journal.append(records)
        try await journal.settle(
            records.map { JournalSettlement(sequences: [$0.sequence], deadLetter: $0.letter) }
        )
        try await journal.compact()
        await journal.close()
        try change(path) { data in
            guard let range = data.range(of: Data(records[20].body)) else { return }
            data[range.lowerBound + 50] ^= 1
        }
        let (again, found) = try await open()
        #expect(found.deadLetters == 49 && found.loss?.damaged == 1)
        let letters = try await again.deadLetters(after: nil, limit: 100)
        #expect(letters == records.filter { $0 != records[20] }.map(\.letter))
        await again.close()
    }

    @Test("a journal that is damaged while it is open goes on with what can be read")
    func damageWhileOpen() async throws {
        let (journal, contents) = try await open()
        let records = (1...200).map { JournalRecord.test($0, size: 500, fence: contents.fence) }
        try await journal.append(records)
        try await journal.compact()
        let handle = try #require(FileHandle(forUpdatingAtPath: path))
        try handle.write(contentsOf: Data(repeating: 0xAA, count: 4_096))
        for page in stride(from: 8, to: 20, by: 1) {
            try handle.seek(toOffset: UInt64(page) * 4_096)
            try handle.write(contentsOf: Data(repeating: 0xAA, count: 4_096))
        }
        try handle.close()
        // Touches all pages.
        try? await journal.claim(
            records.map { JournalClaim(sequences: [$0.sequence], token: $0.sequence, attempts: 1) }
        )
        try await journal.append([.test(500, fence: contents.fence)])
        await journal.close()
        let (again, found) = try await open()
        #expect(found.records.contains { $0.sequence == contents.fence << 36 + 500 })
        #expect(found.records.allSatisfy { $0.isIntact })
        await again.close()
    }
}
