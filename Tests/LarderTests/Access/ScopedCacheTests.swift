import LarderTesting
import MemoryCache
import Testing

@testable import Larder

@Suite(.timeLimit(.minutes(10))) struct ScopedCacheTests {
    private let control: AccessControl
    private let cache: TieredCache<String, Int>

    init() throws {
        control = AccessControl(
            try AccessPolicy([
                .allow("reader", [.read], in: "notes", keys: KeyPattern("open/*")),
                .allow("editor", [.read, .write, .invalidate], in: "notes", keys: KeyPattern("open/*")),
                .allow("operator", Set(AccessAction.allCases), in: nil),
            ])
        )
        cache = try CacheSystem(access: control).cache(CacheNamespace.inMemory("notes", policy: exact()))
    }

    private func view(_ roles: String...) throws -> ScopedCache<String, Int> {
        try cache.scoped(to: Principal("ann", roles: Set(roles)))
    }

    private func expectDenial(
        _ what: String,
        sourceLocation: SourceLocation = #_sourceLocation,
        _ call: () async throws -> Void
    ) async {
        let error = await #expect(throws: CacheError.self, sourceLocation: sourceLocation) { try await call() }
        #expect(error?.code == .accessDenied, sourceLocation: sourceLocation)
        #expect(error?.message.contains("may not \(what)") == true, sourceLocation: sourceLocation)
    }

    @Test("who may read reads, from memory and by loading")
    func reading() async throws {
        let view = try view("reader")
        #expect(try await view.value(forKey: "open/1") { _ in 1 } == 1)
        #expect(try view.cachedValue(forKey: "open/1") == 1)
        #expect(try await view.value(forKey: "open/1") == 1)
        #expect(try await view.result(forKey: "open/1")?.value == 1)
        #expect(try await view.valueIfPresent(forKey: "open/2") { _ in nil } == nil)
        #expect(
            try await view.values(forKeys: ["open/1", "open/3"]) { _ in ["open/3": 3] } == ["open/1": 1, "open/3": 3]
        )
    }

    @Test("a denial is the same for an entry in memory, an absence, and a key that nobody knows")
    func secrecy() async throws {
        try await cache.setValue(1, forKey: "secret/1")
        try await cache.setAbsent(forKey: "secret/2")
        let view = try view("reader")
        let before = cache.statistics
        var messages: Set<String> = []
        for key in ["secret/1", "secret/2", "secret/3"] {
            for _ in 0..<2 {
                await expectDenial("read") { _ = try await view.value(forKey: key) { _ in 1 } }
                await expectDenial("read") { _ = try await view.valueIfPresent(forKey: key) { _ in 1 } }
                await expectDenial("read") { _ = try await view.value(forKey: key) }
                await expectDenial("read") { _ = try await view.values(forKeys: ["open/1", key]) { _ in [:] } }
                await expectDenial("inspect") { _ = try await view.explain(key) }
                let error = #expect(throws: CacheError.self) { try view.cachedValue(forKey: key) }
                messages.insert(error?.description ?? "")
            }
        }
        #expect(messages.count == 1, "the message tells keys apart: \(messages)")
        #expect(cache.statistics == before, "a denied read touches nothing")
    }

    @Test("who may not change anything changes nothing")
    func changing() async throws {
        try await cache.setValue(1, forKey: "open/1")
        let reader = try view("reader")
        await expectDenial("write") { try await reader.setValue(2, forKey: "open/1") }
        await expectDenial("write") { try await reader.setValues(["open/1": 2]) }
        await expectDenial("write") { try await reader.setAbsent(forKey: "open/1") }
        await expectDenial("write") { try await reader.writeValue(forKey: "open/1") { 2 } }
        await expectDenial("invalidate") { try await reader.removeValue(forKey: "open/1") }
        await expectDenial("invalidate") { try await reader.removeValues(forKeys: ["open/1"]) }
        await expectDenial("invalidate") { try await reader.expireValue(forKey: "open/1") }
        await expectDenial("invalidate") { try await reader.removeAll(matching: KeyPattern("open/1")) }
        await expectDenial("invalidate") { try await reader.expireAll(matching: KeyPattern("open/1")) }
        await expectDenial("invalidate") { try await reader.removeAll(tagged: "t") }
        await expectDenial("invalidate") { try await reader.expireAll(tagged: "t") }
        await expectDenial("clear") { try await reader.removeAll() }
        await expectDenial("administer") { try reader.setPassThrough(true) }
        await expectDenial("inspect") { _ = try reader.statistics() }
        #expect(cache.cachedValue(forKey: "open/1") == 1)
        #expect(!cache.isPassThrough)
    }

    @Test("who may change some keys changes these, one by one and by pattern, and no others")
    func editing() async throws {
        let editor = try view("editor")
        try await editor.setValues(["open/1": 1, "open/2": 2])
        await expectDenial("write") { try await editor.setValues(["open/3": 3, "secret/1": 1]) }
        #expect(cache.cachedValue(forKey: "open/3") == nil, "a batch is refused as a whole")
        try await editor.removeAll(matching: KeyPattern("open/1*"))
        #expect(try await cache.value(forKey: "open/1") == nil)
        #expect(try await cache.value(forKey: "open/2") == 2)
        await expectDenial("invalidate") { try await editor.removeAll(matching: KeyPattern("*")) }
        await expectDenial("invalidate") { try await editor.removeAll(tagged: "t") }
        let all = try view("operator")
        try await all.removeAll()
        #expect(try await cache.value(forKey: "open/2") == nil)
        #expect(try all.statistics().requests > 0)
        try all.setPassThrough(true)
        #expect(cache.isPassThrough)
    }

    @Test("a change of the policy holds for views that were made before")
    func revocation() async throws {
        let view = try view("reader")
        #expect(try await view.value(forKey: "open/1") { _ in 1 } == 1)
        control.policy = .denyAll
        await expectDenial("read") { _ = try await view.value(forKey: "open/1") }
        control.policy = try AccessPolicy([.allow("reader", [.read], in: "notes")])
        #expect(try view.cachedValue(forKey: "open/1") == 1)
        #expect(try await view.value(forKey: "secret/1") { _ in 2 } == 2)
    }

    @Test("a cache with a loader of its own checks as well")
    func loading() async throws {
        let cache = try CacheSystem(access: control)
            .cache(CacheNamespace<String, Int>.inMemory("notes", policy: exact())) { _ in 7 }
        let view = try cache.scoped(to: Principal("ann", roles: ["reader"]))
        #expect(try await view.value(forKey: "open/1") == 7)
        #expect(try await view.result(forKey: "open/1").value == 7)
        #expect(try await view.values(forKeys: ["open/1", "open/2"]) == ["open/1": 7, "open/2": 7])
        await expectDenial("read") { _ = try await view.value(forKey: "secret/1") }
        await expectDenial("read") { _ = try await view.result(forKey: "secret/1") }
        await expectDenial("read") { _ = try await view.values(forKeys: ["open/1", "secret/1"]) }
        await expectDenial("write") { try await view.cache.setValue(1, forKey: "open/1") }
    }

    @Test("many sets of roles, and many keys, are decided rightly past what is kept of them")
    func bounds() throws {
        for number in 0..<600 {
            let view = try view("reader", "role\(number)")
            #expect(view.allows(.read, forKey: "open/\(number)"))
            #expect(!view.allows(.read, forKey: "secret/\(number)"))
        }
        let view = try view("reader")
        for number in 0..<25_000 { #expect(view.allows(.read, forKey: "open/\(number)")) }
        #expect(!view.allows(.write, forKey: "open/0"))
    }

    @Test("without a policy there are no views")
    func noPolicy() throws {
        let cache = try CacheSystem().cache(CacheNamespace<Int, Int>.inMemory("numbers"))
        let error = #expect(throws: CacheError.self) { try cache.scoped(to: Principal("ann", roles: [])) }
        #expect(error?.code == .invalidConfiguration)
    }
}
