import Larder
import LarderSQLite
import LarderTesting
import SQLite
import Testing

@Suite("SQLiteStore and versions")
struct SQLiteStoreVersionTests {
    private let folder: TemporaryFolder
    private let clock = WallClock()
    private let key = StoreKey("key")

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test("tombstones and versions outlive a restart, and no version comes back after it")
    func restart() async throws {
        var seen: Set<StoreVersion> = []
        for round in 0..<5 {
            let store = try SQLiteStore(in: folder, clock: clock)
            if round > 0 { #expect(seen.contains(try await version(in: store))) }
            try await store.setValue([1], forKey: key, timeToLive: .seconds(60))
            #expect(seen.insert(try await version(in: store)).inserted)
            try await store.bury([key], for: .seconds(60))
            #expect(seen.insert(try await version(in: store)).inserted)
            #expect(try await fill(.vacant, in: store) == false)
            await store.shutdown()
        }
    }

    @Test("a file that replaces a damaged one has other versions")
    func replacedFile() async throws {
        var seen: Set<StoreVersion> = []
        for name in ["a", "b", "c"] {
            let store = try SQLiteStore(path: folder.path + "/" + name, logger: LogRecorder().logger)
            for _ in 0..<10 {
                try await store.setValue([1], forKey: key, timeToLive: .seconds(60))
                #expect(seen.insert(try await version(in: store)).inserted)
            }
        }
    }

    @Test("two stores on one file fill over each other's versions, one of them each time")
    func twoStores() async throws {
        let stores = try (0..<2).map { _ in try SQLiteStore(in: folder, configuration: .patient, clock: clock) }
        for _ in 0..<50 {
            let version = try await version(in: stores[0])
            #expect(try await self.version(in: stores[1]) == version)
            async let first = fill(version, in: stores[0])
            async let second = fill(version, in: stores[1])
            let isWritten = try await [first, second]
            #expect(isWritten.count { $0 } == 1)
        }
    }

    @Test("an entry that was evicted comes back with another version")
    func eviction() async throws {
        let store = try SQLiteStore(in: folder, configuration: .small, clock: clock)
        try await store.setValue([1], forKey: key, timeToLive: .seconds(1))
        let before = try await version(in: store)
        try await store.fill(0..<200, size: 1_000)
        try await store.sweep()
        #expect(try await version(in: store) == .vacant)
        try await store.setValue([1], forKey: key, timeToLive: .seconds(60))
        #expect(try await version(in: store) != before)
        #expect(try await fill(before, in: store) == false)
    }

    @Test("entries make room before tombstones do, although they live longer")
    func entriesFirst() async throws {
        let store = try SQLiteStore(in: folder, configuration: .small, clock: clock)
        try await store.bury([key], for: .seconds(10))
        try await store.fill(0..<500, size: 1_000)
        try await store.sweep()
        #expect(store.statistics.evictions > 0)
        #expect(try await fill(.vacant, in: store) == false)
    }

    @Test("a store that had to give up tombstones fills nothing over vacant keys until they would have ended")
    func givenUp() async throws {
        let store = try SQLiteStore(in: folder, configuration: .small, clock: clock)
        let buried = (0..<4_000).map { StoreKey.number($0) }
        for start in stride(from: 0, to: buried.count, by: 500) {
            try await store.bury(Array(buried[start..<start + 500]), for: .seconds(30))
        }
        try await store.sweep()
        let slots = try await store.slots(forKeys: buried)
        #expect(slots.contains(.vacant) && slots.contains { $0.isTombstone }, "Some have to go, not all.")
        for vacant in zip(buried, slots).filter({ $1 == .vacant }).prefix(20).map({ $0.0 }) + [key] {
            #expect(try await fill(.vacant, of: vacant, in: store) == false)
        }
        try await store.setValue([1], forKey: key, timeToLive: .seconds(60))
        #expect(try await fill(version(in: store), in: store))
        clock.advance(by: .seconds(30))
        #expect(try await fill(.vacant, of: buried[0], in: store))
    }

    @Test("expired tombstones are removed from the file")
    func sweep() async throws {
        let store = try SQLiteStore(in: folder, clock: clock)
        try await store.bury((0..<1_000).map { .number($0) }, for: .seconds(1))
        try await store.bury([key], for: .seconds(2))
        clock.advance(by: .seconds(1))
        #expect(try await store.sweep() == 0, "Tombstones are no entries.")
        let database = try Connection(path: folder.storePath, mode: .existing, busyTimeout: .zero)
        #expect(try database.integer("SELECT count(*) FROM tombstone") == 1)
    }

    private func version(in store: SQLiteStore) async throws -> StoreVersion {
        try await store.slots(forKeys: [key])[0].version
    }

    private func fill(_ version: StoreVersion, of other: StoreKey? = nil, in store: SQLiteStore) async throws -> Bool {
        let write = StoreWrite(key: other ?? key, bytes: [1], timeToLive: .seconds(60))
        return try await store.fill([StoreFill(write, over: version)]) == [true]
    }
}

extension SQLiteStore.Configuration {
    /// The smallest file.
    static var small: Self {
        var configuration = patient
        configuration.maximumBytes = 64 << 10
        return configuration
    }
}
