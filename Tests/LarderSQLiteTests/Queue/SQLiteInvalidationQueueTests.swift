import Larder
import LarderSQLite
import Testing

@Suite struct SQLiteInvalidationQueueTests {
    private let folder: TemporaryFolder
    private let records = [
        InvalidationRecord(.keys([StoreKey("a"), StoreKey(bytes: [0, 255])]), in: "notes"),
        InvalidationRecord(.tags(["x"]), in: "notes", isSoft: true), InvalidationRecord(.everything, in: "users"),
    ]

    init() throws {
        folder = try TemporaryFolder()
    }

    private func open() throws -> SQLiteInvalidationQueue {
        try SQLiteInvalidationQueue(path: folder.path + "/undelivered.sqlite")
    }

    @Test("what was added is found by the next process in its order, until it is removed")
    func reopening() async throws {
        let first = try open()
        let numbers = try await first.change(adding: records, removing: [])
        #expect(Set(numbers).count == 3 && numbers == numbers.sorted())
        // As a crash leaves it, without closing.
        let second = try open()
        let contents = try await second.contents()
        #expect(contents.map(\.record) == records && contents.map(\.number) == numbers)
        let more = try await second.change(adding: [records[0]], removing: [numbers[2], 99])
        await second.close()
        let third = try open()
        #expect(try await third.contents().map(\.number) == [numbers[0], numbers[1]] + more)
        #expect(more[0] > numbers[2], "numbers do not come again")
    }

    @Test("both or neither: what cannot be written leaves the queue as it was")
    func refusal() async throws {
        let queue = try open()
        let numbers = try await queue.change(adding: [records[0]], removing: [])
        let tooLarge = InvalidationRecord(.keys([StoreKey(bytes: [UInt8](repeating: 1, count: 2 << 20))]), in: "n")
        await #expect(throws: CacheError.self) {
            _ = try await queue.change(adding: [records[1], tooLarge], removing: numbers)
        }
        #expect(try await queue.contents().map(\.record) == [records[0]])
    }

    @Test("a closed queue, and a path that cannot be opened, are refused")
    func closing() async throws {
        let queue = try open()
        await queue.close()
        await #expect(throws: SQLiteStoreError.self) { _ = try await queue.contents() }
        await #expect(throws: SQLiteStoreError.self) { _ = try await queue.change(adding: [], removing: []) }
        let error = #expect(throws: SQLiteStoreError.self) {
            _ = try SQLiteInvalidationQueue(path: folder.path + "/missing/queue.sqlite")
        }
        #expect(error?.code == .cannotOpen)
    }
}
