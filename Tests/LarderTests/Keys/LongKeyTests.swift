import LarderTesting
import Logging
import Testing

@testable import Larder

@Suite(.timeLimit(.minutes(10))) struct LongKeyTests {
    // No call of the store is ever late by this clock, however busy the machine is.
    private let clock = ManualClock()
    private let store: DictionaryStore
    private let prefix = "larder:texts:"

    init() {
        store = DictionaryStore(clock: clock)
    }

    private func cache(log: (any InvalidationLog)? = nil) throws -> TieredCache<String, Int> {
        try CacheSystem(store: store, log: log, clock: clock).cache(CacheNamespace("texts", policy: exact()))
    }

    private func storedKeys() async throws -> [String] {
        try await store.keys(withPrefix: StoreKey(""), after: nil, limit: 1_000).map(\.description)
    }

    private func long(_ beginning: String, _ end: String = "") -> String {
        beginning + String(repeating: "-", count: 220) + end
    }

    @Test("a key of 200 bytes stands in the store as it is, and one of 201 with its beginning and a digest")
    func border() throws {
        let short = StoreKey(prefix + String(repeating: "a", count: 200))
        #expect(short.inStore == short)
        #expect(short.readablePart == nil)
        let long = StoreKey(prefix + String(repeating: "a", count: 201))
        let name = long.inStore
        #expect(name.bytes.count == prefix.utf8.count + 194)
        #expect(name.hasPrefix(StoreKey(prefix + String(repeating: "a", count: 128) + "%~")))
        #expect(name.inStore == name, "a short form is its own short form")
        #expect(name.readablePart.map { String(decoding: $0, as: UTF8.self) } == String(repeating: "a", count: 128))
    }

    @Test("no character and no escape is cut in two")
    func cuts() throws {
        for offset in 120...128 {
            for text in ["é", "日", "🎈", "%", ":"] {
                var encoder = CacheKeyEncoder(prefix: Array(prefix.utf8))
                encoder.append(String(repeating: "a", count: offset) + text + String(repeating: "b", count: 100))
                let name = StoreKey(bytes: encoder.bytes).inStore
                let readable = try #require(name.readablePart)
                #expect(String(validating: name.bytes, as: UTF8.self) != nil)
                #expect((125...128).contains(readable.count))
                var decoder = CacheKeyDecoder(readable)
                #expect(decoder.text() != nil, "\(offset) \(text)")
            }
        }
    }

    @Test("long keys that differ in their last character are two entries, in memory and in the store")
    func twoEntries() async throws {
        let first = try cache()
        try await first.setValues([long("a", "1"): 1, long("a", "2"): 2])
        let second = try cache()
        #expect(try await second.value(forKey: long("a", "1")) == 1)
        #expect(try await second.value(forKey: long("a", "2")) == 2)
        try await second.removeValue(forKey: long("a", "1"))
        let third = try cache()
        #expect(try await third.value(forKey: long("a", "1")) == nil)
        #expect(try await third.value(forKey: long("a", "2")) == 2)
        #expect(second.statistics.undecodable.isEmpty)
    }

    @Test(
        "a pattern removes each long key that it matches from a store without a log, and too many rather than too few"
    )
    func patterns() async throws {
        let cache = try cache()
        let values = [long("note/", "/draft"): 1, long("note/", "/final"): 2, long("page/", "/draft"): 3, "note/x": 4]
        try await cache.setValues(values)
        try await cache.removeAll(matching: KeyPattern("note/*/draft"))
        #expect(cache.cachedValue(forKey: long("note/", "/draft")) == nil)
        #expect(cache.cachedValue(forKey: long("note/", "/final")) == 2, "memory knows the whole key")
        let other = try self.cache()
        #expect(try await other.value(forKey: long("note/", "/draft")) == nil)
        #expect(try await other.value(forKey: long("note/", "/final")) == nil, "the store knows its beginning alone")
        #expect(try await other.value(forKey: long("page/", "/draft")) == 3)
        #expect(try await other.value(forKey: "note/x") == 4)
    }

    @Test("a pattern whose text goes on behind the readable part still finds its long keys in the store")
    func longPatterns() async throws {
        let cache = try cache()
        try await cache.setValue(1, forKey: long("note/", "/draft"))
        try await cache.removeAll(matching: KeyPattern(KeyPattern.escaping(long("note/")) + "*"))
        #expect(try await storedKeys() == [])
    }

    @Test("a tag removes long keys from a store without a log")
    func tags() async throws {
        let cache = try cache()
        _ = try await cache.result(forKey: long("a")) { _, context in
            context.tags = ["t"]
            return .value(1)
        }
        try await cache.removeAll(tagged: "t")
        #expect(try await self.cache().value(forKey: long("a")) == nil)
    }

    @Test("another process drops a long key that was removed, by key and by pattern")
    func sharedLog() async throws {
        let log = LocalInvalidationLog(clock: clock)
        let (one, two) = try (cache(log: log), cache(log: log))
        for key in [long("a", "1"), long("a", "2")] {
            try await one.setValue(1, forKey: key)
            #expect(try await two.value(forKey: key) == 1)
        }
        try await one.removeValue(forKey: long("a", "1"))
        try await one.removeAll(matching: KeyPattern("*2"))
        await until { two.appliedPosition == log.end }
        #expect(try await two.value(forKey: long("a", "1")) == nil)
        #expect(try await two.value(forKey: long("a", "2")) == nil)
    }
}
