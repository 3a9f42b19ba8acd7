import LarderTesting
import Testing

@testable import Larder

@Suite struct ExplanationTests {
    private let clock = ManualClock()
    private let store: FaultyStore
    private let cache: TieredCache<Int, String>

    init() throws {
        store = FaultyStore(wrapping: DictionaryStore(clock: clock), clock: clock)
        var configuration = CacheSystem.Configuration()
        // The clock of the test leaps, and the log has nothing to say.
        configuration.maximumSilence = .seconds(3_600)
        let log = LocalInvalidationLog(clock: clock)
        cache = try CacheSystem(store: store, log: log, configuration: configuration, clock: clock)
            .cache(CacheNamespace("values", policy: exact(grace: .seconds(30))))
    }

    @Test("it tells what each tier holds, with age, life, tags and version, and counts as no read")
    func copies() async throws {
        _ = try await cache.result(forKey: 1) { _, context in
            context.tags = ["a", "b"]
            context.entityTag = "v1"
            return .value("one")
        }
        let before = cache.statistics
        clock.advance(by: .seconds(10))
        let explanation = try await cache.explain(1)
        let memory = try #require(explanation.memory)
        #expect(memory.age == .seconds(10))
        #expect(memory.remainingLife == .seconds(50))
        #expect(memory.remainingGrace == .seconds(80))
        #expect(memory.tags == ["a", "b"])
        #expect(memory.entityTag == "v1")
        #expect(memory.refusal == nil)
        let stored = try #require(explanation.store)
        #expect(stored.age == .seconds(10))
        #expect(stored.version != nil && stored.position != nil && stored.size != nil)
        #expect(stored.tags == ["a", "b"])
        #expect(stored.refusal == nil)
        #expect(explanation.waiting == nil)
        #expect(explanation.description.contains("fresh for"))
        #expect(cache.statistics.requests == before.requests)
    }

    @Test("it says why an entry is not served")
    func refusals() async throws {
        try await cache.setValue("one", forKey: 1)
        clock.advance(by: .seconds(60))
        #expect(try await cache.explain(1).memory?.refusal == "it has expired")
        try await cache.setValue("one", forKey: 1)
        try await cache.removeAll(tagged: "none of it")
        #expect(try await cache.explain(1).memory?.refusal == nil)
        try await cache.expireAll()
        #expect(try await cache.explain(1).memory?.refusal == "it was softly invalidated")
        #expect(try await cache.explain(1).store?.refusal == "it was softly invalidated")
        try await cache.removeAll(matching: KeyPattern("1"))
        let memory = try await cache.explain(1).memory
        #expect(memory == nil || memory?.refusal?.contains("invalidated") == true, "it may have been swept already")
        try await cache.removeValue(forKey: 1)
        let removed = try await cache.explain(1)
        #expect(removed.memory == nil)
        #expect(removed.storeProblem?.contains("tombstone") == true)
        #expect(try await cache.explain(2).description == "key: larder:values:2\nmemory: nothing\nstore: nothing")
    }

    @Test("a store that fails is no reason to say nothing")
    func failingStore() async throws {
        try await cache.setValue("one", forKey: 1)
        store.fail(.always)
        let explanation = try await cache.explain(1)
        #expect(explanation.memory?.refusal == nil)
        #expect(explanation.storeProblem != nil)
    }
}
