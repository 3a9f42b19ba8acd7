import LarderTesting
import Testing

@testable import Larder

@Suite(.timeLimit(.minutes(10))) struct WritingThroughTests {
    private let clock = ManualClock()
    private let store: DictionaryStore
    private let cache: TieredCache<Int, String>

    init() throws {
        store = DictionaryStore(clock: clock)
        cache = try CacheSystem(store: store, clock: clock).cache(CacheNamespace("values", policy: exact()))
    }

    private func otherProcess() throws -> TieredCache<Int, String> {
        try CacheSystem(store: store, clock: clock).cache(CacheNamespace("values", policy: exact()))
    }

    @Test("all tiers hold what the origin made of a value")
    func written() async throws {
        #expect(try await cache.writeValue(forKey: 1) { "numbered 7" } == "numbered 7")
        #expect(cache.cachedValue(forKey: 1) == "numbered 7")
        #expect(try await otherProcess().value(forKey: 1) == "numbered 7")
    }

    @Test("an origin that refuses leaves every tier as it was")
    func refused() async throws {
        try await cache.setValue("old", forKey: 1)
        await #expect(throws: Origin.Down.self) { try await cache.writeValue(forKey: 1) { throw Origin.Down() } }
        #expect(cache.cachedValue(forKey: 1) == "old")
        #expect(try await otherProcess().value(forKey: 1) == "old")
    }

    @Test("where the origin has nothing any more, no tier has")
    func removed() async throws {
        try await cache.setValue("old", forKey: 1)
        #expect(try await cache.writeValue(forKey: 1) { nil } == nil)
        #expect(try await cache.value(forKey: 1) == nil)
        #expect(try await otherProcess().value(forKey: 1) == nil)
    }

    @Test("a load that began before the write is not stored, and reads that come meanwhile see what was written")
    func fence() async throws {
        let loading = Latch()
        let writing = Latch()
        let load = Task {
            try await cache.value(forKey: 1) { _ in
                try await loading.wait()
                return "old"
            }
        }
        await loading.waitForArrivals()
        let write = Task {
            try await cache.writeValue(forKey: 1) {
                try await writing.wait()
                return "new"
            }
        }
        await writing.waitForArrivals()
        let read = Task { try await cache.value(forKey: 1) { _ in "loaded" } }
        await until { cache.activity.waiting == 1 }
        writing.open()
        loading.open()
        #expect(try await write.value == "new")
        #expect(try await read.value == "new")
        #expect(try await load.value == "old")
        #expect(cache.cachedValue(forKey: 1) == "new")
        #expect(try await otherProcess().value(forKey: 1) == "new")
    }
}
