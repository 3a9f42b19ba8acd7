import Foundation
import LarderTesting
import Testing

@testable import Larder

@Suite struct LifetimeTests {
    private let clock = ManualClock()
    private let start = Date(timeIntervalSince1970: 1_000_000_000)  // 2001-09-09 01:46:40 UTC

    private func cache() throws -> TieredCache<String, String> {
        let clock = clock
        let begin = clock.now
        let system = try CacheSystem(
            store: DictionaryStore(clock: clock),
            clock: clock,
            wallTime: { [start] in start.addingTimeInterval(begin.duration(to: clock.now) / .seconds(1)) }
        )
        var namespace = CacheNamespace<String, String>("values", policy: exact(timeToLive: .seconds(60)))
        namespace.lifetimes = try TTLRules([
            LifetimeRule(KeyPattern("draft%3A*"), .afterWrite(.seconds(5))),
            LifetimeRule(KeyPattern("report%3A*"), .untilTimeOfDay(hour: 2, minute: 0, in: .gmt)),
            LifetimeRule(KeyPattern("session%3A*"), .afterAccess(.seconds(80), atMost: .seconds(1_000))),
        ])
        return try system.cache(namespace)
    }

    @Test("a key lives as long as the first rule says that matches it, and by the policy if none does")
    func rules() async throws {
        let cache = try cache()
        try await cache.setValue("d", forKey: "draft:1")
        _ = try await cache.value(forKey: "draft:2") { _ in "d" }
        try await cache.setValue("o", forKey: "other")
        clock.advance(by: .seconds(5))
        #expect(cache.cachedValue(forKey: "draft:1") == nil)
        #expect(cache.cachedValue(forKey: "draft:2") == nil)
        #expect(cache.cachedValue(forKey: "other") == "o")
        clock.advance(by: .seconds(55))
        #expect(cache.cachedValue(forKey: "other") == nil)
    }

    @Test("a lifetime that the call or the loader asks for goes before the rules")
    func explicitLifetimes() async throws {
        let cache = try cache()
        try await cache.setValue("d", forKey: "draft:1", policy: exact(timeToLive: .seconds(30)))
        _ = try await cache.result(forKey: "draft:2") { _, context in
            context.policy.timeToLive = .seconds(30)
            return .value("d")
        }
        clock.advance(by: .seconds(29))
        #expect(cache.cachedValue(forKey: "draft:1") == "d")
        #expect(cache.cachedValue(forKey: "draft:2") == "d")
    }

    @Test("an entry lives until a time of day, in memory and in the store")
    func timeOfDay() async throws {
        let cache = try cache()
        try await cache.setValue("r", forKey: "report:1")
        clock.advance(by: .seconds(799))
        #expect(cache.cachedValue(forKey: "report:1") == "r")
        clock.advance(by: .seconds(1))
        #expect(try await cache.value(forKey: "report:1") == nil, "it is two o'clock")
        try await cache.setValue("s", forKey: "report:1")
        clock.advance(by: .seconds(86_399))
        #expect(cache.cachedValue(forKey: "report:1") == "s")
    }

    @Test("an entry that lives after access lives on while it is read, ends when it is not, and at its limit anyway")
    func afterAccess() async throws {
        let cache = try cache()
        try await cache.setValue("s", forKey: "session:1", policy: nil)
        for _ in 0..<12 {
            clock.advance(by: .seconds(79))
            #expect(cache.cachedValue(forKey: "session:1") == "s")
        }
        clock.advance(by: .seconds(60))
        #expect(cache.cachedValue(forKey: "session:1") == nil, "1,008 seconds are more than the limit")
        try await cache.setValue("t", forKey: "session:1")
        clock.advance(by: .seconds(91))
        #expect(cache.cachedValue(forKey: "session:1") == nil, "nobody read it for 80 seconds and an eighth")
    }

    @Test("an entry that lives after access and was softly invalidated is not renewed by reads")
    func softlyInvalidated() async throws {
        let cache = try cache()
        try await cache.setValue("s", forKey: "session:1")
        try await cache.expireValue(forKey: "session:1")
        #expect(cache.cachedValue(forKey: "session:1") == nil)
        try await cache.setValue("t", forKey: "session:1")
        try await cache.expireAll(tagged: "none of it")
        #expect(cache.cachedValue(forKey: "session:1") == "t")
        try await cache.expireAll()
        #expect(cache.cachedValue(forKey: "session:1") == nil)
    }
}
