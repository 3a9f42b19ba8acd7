import LarderTesting
import Testing

@testable import Larder

@Suite(.timeLimit(.minutes(10))) struct TenantTests {
    private let clock = ManualClock()
    private let store: DictionaryStore

    init() {
        store = DictionaryStore(clock: clock)
    }

    private func cache() throws -> TieredCache<TenantKey<String>, Int> {
        try CacheSystem(store: store, clock: clock).cache(CacheNamespace("invoices", policy: exact()))
    }

    @Test("tenants with the same key have entries of their own, in memory and in the store")
    func separation() async throws {
        let cache = try cache()
        let (acme, other) = (cache.tenant(try Tenant("acme")), cache.tenant(try Tenant("other")))
        #expect(try await acme.value(forKey: "7") { _ in 1 } == 1)
        #expect(try await other.value(forKey: "7") { _ in 2 } == 2)
        #expect(acme.cachedValue(forKey: "7") == 1)
        let later = try self.cache()
        #expect(try await later.tenant(Tenant("acme")).value(forKey: "7") == 1)
        #expect(try await later.tenant(Tenant("other")).value(forKey: "7") == 2)
    }

    @Test(
        "no name of a tenant reaches into another's keys",
        arguments: ["a", "a:b", "a%3Ab", "*", "a*", "?", "[a]", "a\\"]
    )
    func boundaries(name: String) async throws {
        let cache = try cache()
        let all = ["a", "a:b", "a%3Ab", "*", "a*", "ab", "?", "[a]", "a\\"]
        for (index, tenant) in all.enumerated() {
            try await cache.tenant(Tenant(tenant)).setValue(index, forKey: "b:c")
        }
        #expect(store.count == all.count)
        try await cache.tenant(Tenant(name)).removeAll()
        for (index, tenant) in all.enumerated() {
            let view = cache.tenant(try Tenant(tenant))
            #expect(view.cachedValue(forKey: "b:c") == (tenant == name ? nil : index), "\(tenant)")
        }
        #expect(store.count == all.count - 1)
    }

    @Test("writes, removals and patterns stay within the tenant")
    func changes() async throws {
        let cache = try cache()
        let (acme, other) = (cache.tenant(try Tenant("acme")), cache.tenant(try Tenant("other")))
        for view in [acme, other] { for key in ["x1", "x2", "y1"] { try await view.setValue(1, forKey: key) } }
        try await acme.removeValue(forKey: "x1")
        #expect(try await acme.value(forKey: "x1") == nil)
        #expect(try await other.value(forKey: "x1") == 1)
        try await acme.removeAll(matching: KeyPattern("x*"))
        #expect(try await acme.value(forKey: "x2") == nil)
        #expect(try await acme.value(forKey: "y1") == 1)
        #expect(try await other.value(forKey: "x2") == 1)
        try await acme.expireValue(forKey: "y1")
        #expect(try await acme.valueIfPresent(forKey: "y1") { _ in nil } == nil)
    }

    @Test("a name that is empty or too long is refused", arguments: ["", String(repeating: "é", count: 65)])
    func names(name: String) {
        let error = #expect(throws: CacheError.self) { try Tenant(name) }
        #expect(error?.code == .invalidKey)
    }

    @Test("a scoped key is read back from its encoded form")
    func decoding() throws {
        let key = TenantKey(try Tenant("a:b"), 7)
        var encoder = CacheKeyEncoder()
        key.encode(into: &encoder)
        #expect(TenantKey<Int>.decode(encoder.bytes[...]) == key)
        #expect(TenantKey<Int>.decode(Array(":7".utf8)[...]) == nil)
    }
}
