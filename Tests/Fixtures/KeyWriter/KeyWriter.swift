import Foundation
import Larder
import LarderTesting

/// Writes the keys of the golden list through a cache, and prints what the store lists.
///
/// The first line is a hash value, which differs from process to process.
@main
struct KeyWriter {
    static func main() async throws {
        print("larder".hashValue)
        // No call of the store is ever late by this clock.
        let clock = ManualClock()
        let store = DictionaryStore(clock: clock)
        let caches = try CacheSystem(store: store, clock: clock)
        try await write(["plain", "a:b", "100 %", "caf\u{E9}", "cafe\u{301}", "\n"], "texts", caches)
        try await write([String(repeating: "long ", count: 50)], "texts", caches)
        try await write([Int.min, -1, 0, 7], "numbers", caches)
        try await write([true, false], "switches", caches)
        if let identifier = UUID(uuidString: "6B29FC40-CA47-1067-B31D-00DD010662DA") {
            try await write([identifier], "identifiers", caches)
        }
        try await write([CompositeKey("a:b", "c"), CompositeKey("a", "b:c")], "pairs", caches)
        try await write([TenantKey(try Tenant("acme"), 7), TenantKey(try Tenant("a:7"), 7)], "invoices", caches)
        let note = try KeyTemplate("note:{id}:{lang}", ["id": .integer])
        try await write([try note.key(["id": 7, "lang": "en"])], "notes", caches)
        for key in try await store.keys(withPrefix: StoreKey(""), after: nil, limit: 1_000) { print(key) }
    }

    private static func write<Key: CacheKey>(_ keys: [Key], _ name: String, _ caches: CacheSystem) async throws {
        let cache = try caches.cache(CacheNamespace<Key, Int>(name))
        for key in keys { try await cache.setValue(1, forKey: key) }
    }
}
