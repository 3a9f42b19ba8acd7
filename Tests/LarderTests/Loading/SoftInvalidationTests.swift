import Larder
import LarderTesting
import Testing

@Suite(.timeLimit(.minutes(10))) struct SoftInvalidationTests {
    private let clock = ManualClock()
    private let store: FaultyStore
    private let origin = Origin([1: "one", 2: "two"])

    init() {
        store = FaultyStore(wrapping: DictionaryStore(clock: clock), clock: clock, boundsItsLatency: true)
    }

    private func cache(graceAfterInvalidation: Duration? = nil) throws -> TieredCache<Int, String> {
        var policy = exact(grace: .seconds(600))
        policy.graceAfterInvalidation = graceAfterInvalidation
        return try CacheSystem(store: store, clock: clock).cache(CacheNamespace("values", policy: policy))
    }

    private func read(_ cache: TieredCache<Int, String>, _ key: Int = 1) async throws -> String? {
        try await cache.valueIfPresent(forKey: key) { [origin] in try origin.load($0) }
    }

    @Test("an expired value is no answer any more, and the next read loads")
    func expired() async throws {
        let cache = try cache()
        _ = try await read(cache)
        try await cache.expireValue(forKey: 1)
        #expect(cache.cachedValue(forKey: 1) == nil)
        #expect(try await cache.value(forKey: 1) == nil)
        origin[1] = "uno"
        #expect(try await read(cache) == "uno")
        #expect(try await read(self.cache()) == "uno", "the store has the new one")
    }

    @Test("its copy stands in where loading fails, with its age, in this process and in one without a copy of its own")
    func copy() async throws {
        let cache = try cache()
        _ = try await read(cache)
        clock.advance(by: .seconds(10))
        try await cache.expireValue(forKey: 1)
        origin.isDown = true
        #expect(try await read(cache) == "one")
        let answer = try await cache.result(forKey: 1, options: .allowStale)
        #expect(answer?.isStale == true)
        #expect(answer?.age == .seconds(10))
        #expect(try await read(self.cache()) == "one")
        #expect(try await self.cache().value(forKey: 1) == nil, "it is not fresh there either")
    }

    @Test("the copy may be served no longer than the grace after an invalidation, in any tier")
    func graceAfterInvalidation() async throws {
        let cache = try cache(graceAfterInvalidation: .seconds(30))
        _ = try await read(cache)
        try await cache.expireValue(forKey: 1)
        origin.isDown = true
        clock.advance(by: .seconds(30) - .milliseconds(1))
        let other = try self.cache()
        #expect(try await read(cache) == "one")
        #expect(try await read(other) == "one")
        clock.advance(by: .milliseconds(1))
        await #expect(throws: Origin.Down.self) { try await read(cache) }
        await #expect(throws: Origin.Down.self) { try await read(other) }
    }

    @Test(
        "the grace after an invalidation never lengthens the life that a copy had, whatever was invalidated how often"
    )
    func neverLonger() async throws {
        let cache = try cache(graceAfterInvalidation: .seconds(400))
        _ = try await read(cache)
        origin.isDown = true
        clock.advance(by: .seconds(500))
        try await cache.expireValue(forKey: 1)
        try await cache.expireValue(forKey: 1)
        clock.advance(by: .seconds(160) - .milliseconds(1))
        let other = try self.cache()
        #expect(try await read(cache) == "one")
        #expect(try await read(other) == "one")
        clock.advance(by: .milliseconds(1))
        await #expect(throws: Origin.Down.self) { try await read(cache) }
        await #expect(throws: Origin.Down.self) { try await read(other) }
    }

    @Test("with a grace of zero after invalidations nothing is left of what was expired")
    func noGrace() async throws {
        let cache = try cache(graceAfterInvalidation: .zero)
        _ = try await read(cache)
        try await cache.expireValue(forKey: 1)
        origin.isDown = true
        await #expect(throws: Origin.Down.self) { try await read(cache) }
        await #expect(throws: Origin.Down.self) { try await read(self.cache()) }
    }

    @Test("a removal leaves nothing that could stand in, in any tier")
    func removal() async throws {
        let cache = try cache()
        _ = try await read(cache)
        try await cache.removeValue(forKey: 1)
        origin.isDown = true
        await #expect(throws: Origin.Down.self) { try await read(cache) }
        await #expect(throws: Origin.Down.self) { try await read(self.cache()) }
        #expect(try await self.cache().value(forKey: 1, options: .allowStale) == nil)
    }

    @Test("expiring what only the store has keeps its copy there")
    func onlyInStore() async throws {
        _ = try await read(cache())
        let cache = try cache()
        try await cache.expireValues(forKeys: [1, 2])
        origin.isDown = true
        #expect(try await read(cache) == "one")
        await #expect(throws: Origin.Down.self) { try await read(cache, 2) }
    }

    @Test("expiring a remembered absence forgets it")
    func absence() async throws {
        let cache = try cache()
        #expect(try await read(cache, 9) == nil)
        try await cache.expireValue(forKey: 9)
        origin[9] = "nine"
        #expect(try await read(cache, 9) == "nine")
    }

    @Test("a load that began before its key was expired is returned and not stored; its callers may have the copy")
    func fence() async throws {
        let cache = try cache()
        _ = try await read(cache)
        clock.advance(by: .seconds(60))
        let door = Latch()
        let load = Task {
            try await cache.value(forKey: 1) { _ in
                try await door.wait()
                return "before"
            }
        }
        await door.waitForArrivals()
        try await cache.expireValue(forKey: 1)
        door.open()
        #expect(try await load.value == "before")
        #expect(cache.statistics.fencedLoads == 1)
        origin.isDown = true
        #expect(try await read(cache) == "one")
        #expect(try await read(self.cache()) == "one")
    }

    @Test(
        "a copy whose tag was invalidated while its replacement was loading does not come back when the load fails",
        arguments: [true, false]
    )
    func invalidatedTag(isInMemory: Bool) async throws {
        let first = try cache()
        _ = try await first.result(forKey: 1) { _, context in
            context.tags = ["red"]
            return .value("one")
        }
        let cache = isInMemory ? first : try cache()
        clock.advance(by: .seconds(60))
        let door = Latch()
        let load = { @Sendable (_: Int) async throws -> String in
            try await door.wait()
            throw Origin.Down()
        }
        let leader = Task { try await cache.value(forKey: 1, orLoad: load) }
        await door.waitForArrivals()
        let waiter = Task { try await cache.value(forKey: 1, orLoad: load) }
        await until { cache.activity.waiting == 1 }
        try await cache.removeAll(tagged: "red")
        door.open()
        await #expect(throws: Origin.Down.self) { try await leader.value }
        await #expect(throws: Origin.Down.self) { try await waiter.value }
    }

    @Test("where the store fails, expiring is an error, and this process does not answer with the value")
    func failingStore() async throws {
        let cache = try cache()
        _ = try await read(cache)
        store.fail(.always, of: .bury)
        let error = await #expect(throws: CacheError.self) { try await cache.expireValue(forKey: 1) }
        #expect(error?.code == .storeUnavailable)
        #expect(try await cache.value(forKey: 1) == nil)
        origin[1] = "uno"
        #expect(try await read(cache) == "uno")
    }
}
