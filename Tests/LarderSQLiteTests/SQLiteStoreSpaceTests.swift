import Foundation
import Larder
import LarderSQLite
import LarderTesting
import Logging
import SQLite
import Testing

@Suite("SQLiteStore and space")
struct SQLiteStoreSpaceTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test("above the size limit the entries that expire next make room")
    func evictionOrder() async throws {
        var configuration = SQLiteStore.Configuration()
        configuration.maximumBytes = 1 << 20
        let store = try SQLiteStore(in: folder, configuration: configuration)
        for start in stride(from: 0, to: 4_000, by: 50) {
            // Numbers that were written late expire late.
            try await store.fill(start..<start + 50, size: 1_000) { .seconds(1_000 + $0) }
        }
        // The writer makes room after it has answered; a sweep comes after that.
        try await store.sweep()
        let numbers = try await store.numbers()
        let statistics = store.statistics
        #expect(statistics.bytes <= 1 << 20)
        #expect(statistics.bytes > 1 << 19, "The eviction went too far.")
        #expect(statistics.evictions == 4_000 - numbers.count)
        #expect(statistics.entries == numbers.count)
        #expect(numbers == Array((4_000 - numbers.count)..<4_000))
    }

    @Test("expired entries make room before live ones, and do not count as evicted")
    func expiredFirst() async throws {
        var configuration = SQLiteStore.Configuration()
        configuration.maximumBytes = 1 << 20
        configuration.maintenanceInterval = .seconds(600)
        let clock = WallClock()
        let store = try SQLiteStore(in: folder, configuration: configuration, clock: clock)
        try await store.fill(0..<400, size: 1_000) { _ in .seconds(10) }
        clock.advance(by: .seconds(10))
        try await store.fill(400..<900, size: 1_000)
        try await store.sweep()
        #expect(try await store.numbers() == Array(400..<900))
        #expect(store.statistics.evictions == 0)
        #expect(store.statistics.expirations == 400)
    }

    @Test("the size limit holds for two stores on one file")
    func sharedLimit() async throws {
        var configuration = SQLiteStore.Configuration.patient
        configuration.maximumBytes = 1 << 20
        let clock = WallClock()
        let stores = try (0..<2)
            .map { _ in
                try SQLiteStore(in: folder, configuration: configuration, clock: clock)
            }
        for start in stride(from: 0, to: 3_000, by: 50) {
            try await stores[start / 50 % 2].fill(start..<start + 50, size: 1_000) { .seconds(1_000 + $0) }
        }
        for store in stores { try await store.sweep() }
        let statistics = stores.map(\.statistics)
        #expect(statistics[0].bytes <= 1 << 20)
        #expect(statistics[0].evictions + statistics[1].evictions == 3_000 - statistics[0].entries)
        #expect(try await stores[0].numbers() == stores[1].numbers())
    }

    @Test("an entry over the limit is refused, and its batch with it")
    func largeValue() async throws {
        var configuration = SQLiteStore.Configuration()
        configuration.maximumValueBytes = 1_000
        let store = try SQLiteStore(in: folder, configuration: configuration)
        let key = StoreKey("key")
        try await store.setValue([UInt8](repeating: 1, count: 997), forKey: key, timeToLive: .seconds(1))
        let refused = await code {
            try await store.setValues([
                StoreWrite(key: StoreKey("other"), bytes: [], timeToLive: .seconds(1)),
                StoreWrite(key: key, bytes: [UInt8](repeating: 1, count: 998), timeToLive: .seconds(1)),
            ])
        }
        #expect(refused == .valueTooLarge)
        #expect(try await store.value(forKey: key)?.bytes.count == 997)
        #expect(try await store.value(forKey: StoreKey("other")) == nil)
    }

    @Test("a full disk fails writes, keeps reads, and is forgotten when there is room")
    func fullDisk() async throws {
        let log = LogRecorder()
        var configuration = SQLiteStore.Configuration()
        configuration.maximumPages = 64
        let store = try SQLiteStore(in: folder, configuration: configuration, log: log)
        var written = 0
        while true {
            let next = written
            let code = await code { try await store.fill(next..<next + 1, size: 1_000) }
            if code == nil {
                written += 1
                continue
            }
            #expect(code == .diskFull)
            break
        }
        #expect(written > 10)
        #expect(try await store.numbers() == Array(0..<written))
        #expect(await code { try await store.fill(written..<written + 1, size: 10_000) } == .diskFull)
        #expect(log.messages(.warning).count == 1)
        #expect(try await store.removeAll(withPrefix: StoreKey("number:")) == written)
        try await store.fill(0..<10, size: 1_000)
        #expect(try await store.numbers() == Array(0..<10))
        #expect(log.messages(.info).count == 1)
        #expect(log.messages(.warning).count == 1)
        #expect(store.statistics.filesSetAside == 0)
    }

    @Test("a removal lets other writers in between")
    func boundedRemoval() async throws {
        let store = try SQLiteStore(in: folder)
        try await store.fill(0..<5_000)
        let before = store.statistics.batches
        #expect(try await store.removeAll(withPrefix: StoreKey("number:")) == 5_000)
        #expect(store.statistics.batches - before >= 10)
    }

    @Test("a long log is copied into the file while the store is open", .timeLimit(.minutes(10)))
    func checkpoints() async throws {
        let store = try SQLiteStore(in: folder)
        for start in stride(from: 0, to: 2_000, by: 50) { try await store.fill(start..<start + 50, size: 4_000) }
        // Until then all is in the log, and the file holds little more than its tables.
        while try fileSize() < 4 << 20 { await Task.yield() }
        #expect(try await store.numbers() == Array(0..<2_000))
    }

    private func fileSize() throws -> Int {
        try URL(filePath: folder.storePath).resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
    }
}
