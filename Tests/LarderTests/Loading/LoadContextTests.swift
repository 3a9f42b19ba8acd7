import Foundation
import Larder
import LarderTesting
import Testing

@Suite(.timeLimit(.minutes(10))) struct LoadContextTests {
    private let clock = ManualClock()
    private let store: DictionaryStore

    init() {
        store = DictionaryStore(clock: clock)
    }

    /// A cache of a process of its own.
    private func cache(_ policy: CachePolicy = exact(grace: .seconds(600))) throws -> TieredCache<Int, String> {
        try CacheSystem(store: store, clock: clock).cache(CacheNamespace("values", policy: policy))
    }

    /// Loads a value with an entity tag, a date and tags.
    private func fill(_ cache: TieredCache<Int, String>) async throws {
        _ = try await cache.result(forKey: 1) { _, context in
            #expect(context.stale == nil)
            #expect(!context.isRefresh)
            context.entityTag = "\"v1\""
            context.lastModified = Date(timeIntervalSince1970: 1_000)
            context.tags = ["red", "blue"]
            return .value("one")
        }
    }

    @Test("a loader is told of the stale copy, its age and what names its version, of its own process or another's")
    func staleCopy() async throws {
        let first = try cache()
        try await fill(first)
        clock.advance(by: .seconds(70))
        for cache in [first, try cache()] {
            _ = try await cache.result(forKey: 1, options: .readOnly) { _, context in
                let stale = try #require(context.stale)
                #expect(stale.value == "one")
                #expect(stale.age == .seconds(70))
                #expect(stale.entityTag == "\"v1\"")
                #expect(stale.lastModified == Date(timeIntervalSince1970: 1_000))
                #expect(stale.tags == ["red", "blue"])
                return .value("two")
            }
        }
    }

    @Test("a copy that is not modified begins a whole new life in all tiers, with what it had beside its value")
    func notModified() async throws {
        let cache = try cache()
        try await fill(cache)
        clock.advance(by: .seconds(70))
        let answer = try await cache.result(forKey: 1) { _, _ in .notModified }
        #expect(answer.value == "one")
        #expect(answer.source == .origin)
        clock.advance(by: .seconds(59))
        #expect(cache.cachedValue(forKey: 1) == "one")
        let other = try self.cache()
        #expect(try await other.value(forKey: 1) == "one")
        clock.advance(by: .seconds(1))
        #expect(cache.cachedValue(forKey: 1) == nil)
        _ = try await other.result(forKey: 1) { _, context in
            #expect(context.stale?.entityTag == "\"v1\"")
            #expect(context.stale?.lastModified == Date(timeIntervalSince1970: 1_000))
            #expect(context.stale?.tags == ["red", "blue"])
            #expect(context.stale?.age == .seconds(60))
            return .notModified
        }
    }

    @Test("a loader that says notModified may bring new details")
    func newDetails() async throws {
        let cache = try cache()
        try await fill(cache)
        clock.advance(by: .seconds(70))
        _ = try await cache.result(forKey: 1) { _, context in
            context.entityTag = "\"v2\""
            context.tags = ["green"]
            context.policy.timeToLive = .seconds(5)
            return .notModified
        }
        clock.advance(by: .seconds(5))
        _ = try await cache.result(forKey: 1) { _, context in
            #expect(context.stale?.entityTag == "\"v2\"")
            #expect(
                context.stale?.tags == ["green", "red", "blue"],
                "an invalidation of its old tags still touches it"
            )
            return .absent
        }
    }

    @Test("notModified without a copy is an error that says what to do, and stores nothing")
    func notModifiedWithoutCopy() async throws {
        let cache = try cache()
        let error = await #expect(throws: CacheError.self) {
            try await cache.result(forKey: 1) { _, _ in .notModified }
        }
        #expect(error?.code == .invalidLoad)
        #expect(error?.message.contains("load the value instead") == true)
        #expect(store.count == 0)
        #expect(cache.statistics.entries == 0)
    }

    @Test("an absence lives for the lifetime that its loader gives it")
    func absence() async throws {
        let cache = try cache()
        let answer = try await cache.result(forKey: 1) { _, context in
            context.policy.negativeTimeToLive = .seconds(100)
            return .absent
        }
        #expect(answer.value == nil)
        clock.advance(by: .seconds(99))
        #expect(try await cache.valueIfPresent(forKey: 1) { _ in "there" } == nil)
        #expect(try await self.cache().valueIfPresent(forKey: 1) { _ in "there" } == nil)
        clock.advance(by: .seconds(1))
        #expect(try await cache.valueIfPresent(forKey: 1) { _ in "there" } == "there")
    }

    @Test("each result may have a time to live and a grace of its own, and the policy of the namespace stays as it is")
    func lifetimes() async throws {
        let cache = try cache()
        let policy = cache.namespace.policy
        for key in 1...3 {
            _ = try await cache.result(forKey: key) { key, context in
                #expect(context.policy == policy)
                context.policy.timeToLive = .seconds(key * 10)
                context.policy.grace = .seconds(5)
                return .value("v")
            }
        }
        #expect(cache.namespace.policy == policy)
        clock.advance(by: .seconds(10))
        #expect((1...3).map { cache.cachedValue(forKey: $0) } == [nil, "v", "v"])
        #expect(try await cache.value(forKey: 1) { _ in throw Origin.Down() } == "v")
        clock.advance(by: .seconds(5))
        await #expect(throws: Origin.Down.self) { try await cache.value(forKey: 1) { _ in throw Origin.Down() } }
        let other = try self.cache()
        clock.advance(by: .seconds(5))
        #expect(try await other.value(forKey: 2) == nil)
        #expect(try await other.value(forKey: 3) == "v")
    }

    @Test("a result may name the tiers that keep it; the others lose what they had")
    func tiers() async throws {
        for (tiers, isInMemory, isInStore) in [
            (CacheTiers.memory, true, false), (.store, false, true), ([], false, false), (.all, true, true),
        ] {
            let cache = try cache()
            try await cache.setValue("old", forKey: 1)
            let answer = try await cache.result(forKey: 1, options: .forceRefresh) { _, context in
                context.tiers = tiers
                return .value("new")
            }
            #expect(answer.value == "new")
            #expect(cache.cachedValue(forKey: 1) == (isInMemory ? "new" : nil), "\(tiers)")
            #expect(try await self.cache().value(forKey: 1) == (isInStore ? "new" : nil), "\(tiers)")
            try await cache.removeValue(forKey: 1)
        }
    }

    @Test(
        "what a loader sets is refused when it is out of range, with the name of what is wrong, and is stored nowhere"
    )
    func invalid() async throws {
        let cache = try cache()
        let mistakes: [(CacheError.Code, String, @Sendable (inout LoadContext<String>) -> Void)] = [
            (.invalidPolicy, "timeToLive", { $0.policy.timeToLive = .seconds(-1) }),
            (.invalidPolicy, "grace", { $0.policy.grace = CachePolicy.maximumDuration * 2 }),
            (.invalidPolicy, "jitter", { $0.policy.jitter = 2 }),
            (.invalidLoad, "tag", { $0.tags = ["fine", ""] }),
            (.invalidLoad, "weight", { $0.weight = -1 }),
        ]
        for (code, name, mistake) in mistakes {
            let error = await #expect(throws: CacheError.self) {
                try await cache.result(forKey: 1) { _, context in
                    mistake(&context)
                    return .value("v")
                }
            }
            #expect(error?.code == code)
            #expect(error?.message.contains(name) == true)
            #expect(store.count == 0)
            #expect(cache.statistics.entries == 0)
        }
        #expect(cache.activity == (0, 0))
    }
}
