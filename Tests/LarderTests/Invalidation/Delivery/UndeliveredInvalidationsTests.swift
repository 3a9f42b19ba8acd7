import Larder
import LarderTesting
import Testing

@Suite("Invalidations that the store or the log could not take", .timeLimit(.minutes(10)))
struct UndeliveredInvalidationsTests {
    private let clock = ManualClock()
    private let store: FaultyStore
    private let log: UnreliableLog
    private let queue = ListQueue()

    init() {
        store = FaultyStore(wrapping: DictionaryStore(clock: clock), clock: clock, boundsItsLatency: true)
        log = UnreliableLog(LocalInvalidationLog(clock: clock))
    }

    /// Starts a process.
    private func node(hasLog: Bool, hasQueue: Bool = true) throws -> TieredCache<Int, String> {
        var configuration = CacheSystem.Configuration()
        configuration.storeBreaker = nil
        configuration.maximumSilence = .seconds(86_400)
        return try CacheSystem(
            store: store,
            log: hasLog ? log : nil,
            undelivered: hasQueue ? queue : nil,
            configuration: configuration,
            clock: clock
        )
        .cache(CacheNamespace("values", policy: exact(timeToLive: .seconds(80_000), grace: .seconds(60))))
    }

    /// Lets time pass in small steps until something is so.
    private func pass(until condition: () async throws -> Bool) async rethrows {
        while try await !condition() {
            clock.advance(by: .milliseconds(100))
            for _ in 0..<20 { await Task.yield() }
        }
    }

    /// Reads until the value is kept, which it is once the queue has been read.
    private func warm(_ cache: TieredCache<Int, String>, _ key: Int, tags: Set<String> = []) async {
        await pass { (try? await cache.read(key, "old", tags: tags)) != nil && cache.cachedValue(forKey: key) == "old" }
    }

    /// Expects that each read asks the origin, and that nothing is kept.
    private func expectDenial(_ cache: TieredCache<Int, String>, _ key: Int) async throws {
        for value in ["first", "second"] {
            #expect(try await cache.read(key, value) == value)
            #expect(cache.cachedValue(forKey: key) == nil)
        }
        await #expect(throws: Origin.Down.self) {
            _ = try await cache.result(forKey: key) { _, _ in throw Origin.Down() }
        }
    }

    private func expectKeeping(_ cache: TieredCache<Int, String>, _ key: Int) async throws {
        #expect(try await cache.read(key, "new") == "new")
        #expect(try await cache.read(key, "newer") == "new")
    }

    @Test("a removal that the log did not take is delivered later, and until then its key is neither served nor kept")
    func failingLog() async throws {
        let (one, other) = (try node(hasLog: true), try node(hasLog: true, hasQueue: false))
        for key in 1...2 { await warm(one, key) }
        #expect(try await other.read(1, "") == "old")
        log.setDown(true)
        let refusal = await #expect(throws: CacheError.self) { try await one.removeValue(forKey: 1) }
        #expect(refusal?.code == .logUnavailable)
        #expect(await queue.records.count == 1)
        try await expectDenial(one, 1)
        #expect(one.cachedValue(forKey: 2) == "old", "other keys are served")
        #expect(other.cachedValue(forKey: 1) == "old", "the others do not know yet")
        log.setDown(false)
        await pass { await queue.records.isEmpty }
        await pass { other.cachedValue(forKey: 1) == nil }
        try await expectKeeping(one, 1)
    }

    @Test(
        "what is not an invalidation of keys denies the namespace until it is delivered",
        arguments: [
            { try await $0.removeAll(tagged: "x") }, { try await $0.removeAll(matching: KeyPattern("*")) },
            { try await $0.removeAll() }, { try await $0.expireAll(tagged: "x") },
        ] as [@Sendable (TieredCache<Int, String>) async throws -> Void]
    )
    func lazyInvalidations(_ invalidate: @Sendable (TieredCache<Int, String>) async throws -> Void) async throws {
        let (one, other) = (try node(hasLog: true), try node(hasLog: true, hasQueue: false))
        await warm(one, 1, tags: ["x"])
        #expect(try await other.read(1, "") == "old")
        log.setDown(true)
        await #expect(throws: CacheError.self) { try await invalidate(one) }
        try await expectDenial(one, 1)
        log.setDown(false)
        await pass { await queue.records.isEmpty }
        await pass { other.cachedValue(forKey: 1) == nil }
        try await expectKeeping(one, 1)
    }

    @Test("a value that was set and not announced is an invalidation, too")
    func failingWrites() async throws {
        let (one, other) = (try node(hasLog: true), try node(hasLog: true, hasQueue: false))
        await warm(one, 1)
        #expect(try await other.read(1, "") == "old")
        log.setDown(true)
        await #expect(throws: CacheError.self) { try await one.setValue("set", forKey: 1) }
        try await expectDenial(one, 1)
        log.setDown(false)
        await pass { await queue.records.isEmpty }
        await pass { other.cachedValue(forKey: 1) == nil }
    }

    @Test("a removal that the store did not take is delivered later")
    func failingStore() async throws {
        let one = try node(hasLog: false)
        await warm(one, 1)
        store.fail(.always, of: .bury)
        let refusal = await #expect(throws: CacheError.self) { try await one.removeValue(forKey: 1) }
        #expect(refusal?.code == .storeUnavailable)
        try await expectDenial(one, 1)
        store.heal()
        await pass { await queue.records.isEmpty }
        #expect(try await node(hasLog: false, hasQueue: false).value(forKey: 1) == nil)
        try await expectKeeping(one, 1)
    }

    @Test("what an earlier process could not deliver is denied by the next one until it has delivered it")
    func restart() async throws {
        do {
            let first = try node(hasLog: false)
            await warm(first, 1)
            store.fail(.always, of: .bury)
            await #expect(throws: CacheError.self) { try await first.removeValue(forKey: 1) }
        }
        let next = try node(hasLog: false)
        try await expectDenial(next, 1)
        store.heal()
        await pass { await queue.records.isEmpty }
        #expect(try await node(hasLog: false, hasQueue: false).value(forKey: 1) == nil)
        try await expectKeeping(next, 1)
    }

    @Test("while the queue cannot be read nothing is served and kept, since it may hold something for any key")
    func unreadableQueue() async throws {
        await queue.setDown(true)
        let one = try node(hasLog: false)
        try await expectDenial(one, 1)
        await queue.setDown(false)
        await pass { (try? await one.read(1, "new")) != nil && one.cachedValue(forKey: 1) == "new" }
    }
}
