import Larder
import LarderSQLite
import Testing

@Suite("The queue of a SQLiteStore")
struct SQLiteStoreQueueTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test("writes that wait together are committed together")
    func groupCommit() async throws {
        let store = try SQLiteStore(in: folder, configuration: .patient)
        let lock = try HeldLock(folder.storePath)
        async let first: Void = store.fill(0..<1)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...100 {
                group.addTask { try await store.fill(number..<number + 1) }
            }
            await store.waitForPendingWrites(101)
            try lock.release()
            try await group.waitForAll()
        }
        try await first
        // The writer may have taken one part before the lock was released; all others came together.
        #expect(store.statistics.batches <= 2)
        #expect(store.statistics.writes == 101)
        #expect(try await store.numbers() == Array(0...100))
    }

    @Test("writes over the bound of the queue are refused, the others succeed")
    func overload() async throws {
        var configuration = SQLiteStore.Configuration.patient
        configuration.maximumQueuedWrites = 3
        let store = try SQLiteStore(in: folder, configuration: configuration)
        let lock = try HeldLock(folder.storePath)
        let codes = try await withThrowingTaskGroup(of: SQLiteStoreError.Code?.self) { group in
            for number in 0..<20 {
                group.addTask { await code { try await store.fill(number..<number + 1) } }
            }
            // The writer took at most three, and three more wait: all others are refused while the lock is held.
            var codes: [SQLiteStoreError.Code?] = []
            while codes.count < 14, let code = try await group.next() { codes.append(code) }
            try lock.release()
            for try await code in group { codes.append(code) }
            return codes
        }
        #expect(codes.count { $0 == .overloaded } >= 14)
        #expect(codes.allSatisfy { $0 == nil || $0 == .overloaded })
        #expect(try await store.numbers().count == codes.count { $0 == nil })
    }

    @Test("a batch that is larger than the queue is taken when nothing else waits")
    func largeBatch() async throws {
        var configuration = SQLiteStore.Configuration()
        configuration.maximumQueuedWrites = 3
        configuration.maximumQueuedBytes = 10
        let store = try SQLiteStore(in: folder, configuration: configuration)
        try await store.fill(0..<10)
        #expect(try await store.numbers() == Array(0..<10))
    }

    @Test("a write that fails does not fail those it shares a transaction with")
    func failingNeighbour() async throws {
        var configuration = SQLiteStore.Configuration.patient
        configuration.maximumPages = 100
        let store = try SQLiteStore(in: folder, configuration: configuration)
        let lock = try HeldLock(folder.storePath)
        async let first: Void = store.fill(0..<1)
        async let huge = code { try await store.fill(1..<2, size: 1 << 20) }
        async let others: Void = store.fill(2..<5)
        await store.waitForPendingWrites(5)
        try lock.release()
        try await first
        try await others
        #expect(await huge == .diskFull)
        #expect(try await store.numbers() == [0, 2, 3, 4])
    }

    @Test("a shutdown does what waits, and refuses what comes later")
    func shutdownDrains() async throws {
        let store = try SQLiteStore(in: folder, configuration: .patient)
        let lock = try HeldLock(folder.storePath)
        let codes = try await withThrowingTaskGroup(of: SQLiteStoreError.Code?.self) { group in
            for number in 0..<50 {
                group.addTask { await code { try await store.fill(number..<number + 1) } }
            }
            await store.waitForPendingWrites(50)
            async let shutdown: Void = store.shutdown()
            try lock.release()
            await shutdown
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes.allSatisfy { $0 == nil })
        #expect(await code { try await store.fill(0..<1) } == .shutDown)
        #expect(await code { _ = try await store.value(forKey: .number(0)) } == .shutDown)
        #expect(try await SQLiteStore(in: folder).numbers() == Array(0..<50))
    }

    @Test("the lock of another process is waited for no longer than the busy timeout")
    func busy() async throws {
        var configuration = SQLiteStore.Configuration()
        configuration.busyTimeout = .milliseconds(1)
        let store = try SQLiteStore(in: folder, configuration: configuration)
        try await store.fill(0..<1)
        let lock = try HeldLock(folder.storePath)
        #expect(await code { try await store.fill(1..<2) } == .busy)
        #expect(try await store.numbers() == [0])
        try lock.release()
        try await store.fill(1..<2)
        #expect(try await store.numbers() == [0, 1])
    }

    @Test("a write whose task is cancelled still ends, and harms nothing")
    func cancellation() async throws {
        let store = try SQLiteStore(in: folder, configuration: .patient)
        let lock = try HeldLock(folder.storePath)
        let tasks = (0..<20).map { number in Task { try await store.fill(number..<number + 1) } }
        await store.waitForPendingWrites(20)
        for task in tasks { task.cancel() }
        try lock.release()
        for task in tasks { try await task.value }
        #expect(try await store.numbers() == Array(0..<20))
    }
}
