import Larder
import LarderTesting
import Logging
import Testing

@testable import LarderRedis

@Suite("A ring whose nodes have bounded loads", .timeLimit(.minutes(10)))
struct BoundedRingTests {
    private let stores = (0..<3).map { _ in DictionaryStore(clock: ManualClock()) }
    private let faults: [FaultyStore]
    private let ring: RedisRing
    private let key = StoreKey("hot")
    private let write: StoreWrite
    private let home: Int
    private let helper: Int

    init() throws {
        faults = stores.map { FaultyStore(wrapping: $0, boundsItsLatency: true) }
        ring = try RedisRing(
            faults.enumerated().map { RedisRing.Member(name: "node-\($0)", store: $1) },
            loadBound: 1.25,
            logger: Logger(label: "test")
        )
        write = StoreWrite(key: key, bytes: [1], timeToLive: .seconds(60))
        let candidates = HashRing((0..<3).map { HashRing.Node("node-\($0)") }).candidates(forKey: key.bytes)
        (home, helper) = (candidates[0], candidates[1])
    }

    /// Keeps a key's own node busy with as many reads as it takes before it counts as full.
    private func whileFull(_ body: () async throws -> Void) async throws {
        faults[home].hang(.read)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<RingState.slack { group.addTask { _ = try await ring.value(forKey: key) } }
            await faults[home].waitUntilHanging(RingState.slack)
            do { try await body() } catch {
                faults[home].release()
                throw error
            }
            faults[home].release()
            try await group.waitForAll()
        }
    }

    @Test("what is asked of a node that has too much to do is asked of a second one, and the statistics say so")
    func hotKey() async throws {
        try await ring.setValues([write])
        try await whileFull { () async throws in
            #expect(ring.statistics[home].pendingKeys == RingState.slack)
            for _ in 0..<100 { #expect(try await ring.value(forKey: key) == nil) }
            #expect(ring.statistics[home].passedOn == 100)
            #expect(ring.statistics[helper].calls == 101)
        }
        #expect(try await ring.value(forKey: key)?.bytes == [1])
        #expect(ring.statistics.map(\.passedOn).reduce(0, +) == 100)
        #expect(ring.statistics.allSatisfy { $0.pendingKeys == 0 })
    }

    @Test("what was filled on the second node is read there, and a removal reaches both")
    func removal() async throws {
        try await whileFull { () async throws in
            #expect(try await ring.slots(forKeys: [key]) == [.vacant])
            #expect(try await ring.fill([StoreFill(write, over: .vacant)]) == [true])
            #expect(try await ring.value(forKey: key)?.bytes == [1])
        }
        #expect(try await stores[helper].value(forKey: key) != nil)
        #expect(try await stores[home].value(forKey: key) == nil)
        #expect(try await ring.removeValues(forKeys: [key]) == 1)
        #expect(stores.allSatisfy { $0.count == 0 })
    }

    @Test("a fill that was begun before a burial, or before a write, is refused on either node")
    func fences() async throws {
        try await ring.bury([key], for: .seconds(60))
        try await whileFull { () async throws in
            #expect(try await ring.fill([StoreFill(write, over: .vacant)]) == [false])
        }
        #expect(try await ring.fill([StoreFill(write, over: .vacant)]) == [false])
        try await ring.setValues([write])
        #expect(stores[home].count == 1 && stores[helper].count == 0)
        try await whileFull { () async throws in
            #expect(try await ring.fill([StoreFill(write, over: .vacant)]) == [false])
        }
    }

    @Test("a fill replaces what was read, on the node on which it was read")
    func replacement() async throws {
        try await ring.bury([key], for: .seconds(60))
        var seen = StoreVersion.vacant
        try await whileFull { seen = try await ring.slots(forKeys: [key])[0].version }
        #expect(try await ring.fill([StoreFill(write, over: seen)]) == [true])
        #expect(try await stores[helper].value(forKey: key)?.bytes == [1])
        let rest = try await ring.slots(forKeys: [key])[0].version
        #expect(try await ring.fill([StoreFill(write, over: rest)]) == [true])
        #expect(try await stores[home].value(forKey: key)?.bytes == [1])
    }

    @Test("a bound that leaves no room is refused")
    func configuration() {
        for bound in [0, 1, 1.04, -1] {
            #expect(throws: RedisStoreError.self) {
                _ = try RedisRing([RedisRing.Member(name: "a", store: stores[0])], loadBound: bound)
            }
        }
    }
}
