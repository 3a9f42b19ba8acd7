import Larder
import LarderSQLite
import Testing

@Suite("SQLiteStore and time")
struct SQLiteStoreExpiryTests {
    private let folder: TemporaryFolder
    private let clock = WallClock()
    private let store: SQLiteStore

    init() throws {
        folder = try TemporaryFolder()
        store = try SQLiteStore(in: folder, clock: clock)
    }

    @Test("a wall clock that is set back never lengthens a life beyond its time to live")
    func clockSetBack() async throws {
        try await store.setValue([1], forKey: StoreKey("key"), timeToLive: .seconds(60))
        clock.advance(by: .seconds(-500))
        #expect(try await store.value(forKey: StoreKey("key"))?.remainingLife == .seconds(60))
        clock.advance(by: .seconds(530))
        #expect(try await store.value(forKey: StoreKey("key"))?.remainingLife == .seconds(30))
    }

    @Test("an expired entry that was removed stays removed when the clock is set back")
    func removalOutlivesClock() async throws {
        for key in ["single", "range:1"] {
            try await store.setValue([1], forKey: StoreKey(key), timeToLive: .seconds(10))
        }
        clock.advance(by: .seconds(10))
        #expect(try await store.removeValue(forKey: StoreKey("single")) == false)
        #expect(try await store.removeAll(withPrefix: StoreKey("range:")) == 0)
        clock.advance(by: .seconds(-10))
        #expect(try await store.value(forKey: StoreKey("single")) == nil)
        #expect(try await store.value(forKey: StoreKey("range:1")) == nil)
    }

    @Test("a sweep removes the expired rows and no others")
    func sweep() async throws {
        try await store.fill(0..<1_000) { .seconds($0 < 700 ? 10 : 100) }
        clock.advance(by: .seconds(10))
        #expect(store.statistics.entries == 300)
        // The writer may have swept by itself in between.
        try await store.sweep()
        #expect(store.statistics.expirations == 700)
        #expect(store.statistics.entries == 300)
        #expect(try await store.numbers() == Array(700..<1_000))
        #expect(try await store.sweep() == 0)
    }

    @Test("the writer sweeps by itself when it rests")
    func sweepAtRest() async throws {
        var configuration = SQLiteStore.Configuration()
        configuration.maintenanceInterval = .milliseconds(1)
        let folder = try TemporaryFolder()
        let store = try SQLiteStore(in: folder, configuration: configuration, clock: clock)
        try await store.fill(0..<100) { _ in .seconds(10) }
        clock.advance(by: .seconds(10))
        while store.statistics.expirations < 100 { await Task.yield() }
        #expect(store.statistics.entries == 0)
    }

    @Test("a life shorter than a millisecond is over at once, and still replaces the value")
    func tinyLife() async throws {
        let key = StoreKey("key")
        try await store.setValue([1], forKey: key, timeToLive: .seconds(10))
        try await store.setValue([2], forKey: key, timeToLive: .nanoseconds(1))
        #expect(try await store.value(forKey: key) == nil)
    }

    @Test("the longest time to live there is can be written and read")
    func longestLife() async throws {
        let key = StoreKey("key")
        try await store.setValue([1], forKey: key, timeToLive: .seconds(Int64.max))
        let life = try #require(try await store.value(forKey: key)).remainingLife
        #expect(life > .seconds(86_400 * 365 * 1_000))
    }
}
