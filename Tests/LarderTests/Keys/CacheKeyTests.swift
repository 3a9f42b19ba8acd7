import Foundation
import LarderTesting
import Testing

@testable import Larder

@Suite struct CacheKeyTests {
    private func text(_ key: some CacheKey) -> String {
        var encoder = CacheKeyEncoder()
        key.encode(into: &encoder)
        return String(decoding: encoder.bytes, as: UTF8.self)
    }

    private enum Color: String, CacheKey {
        case red
    }

    private struct Identifier: RawRepresentable, CacheKey {
        var rawValue: Int
    }

    @Test("keys have the same readable form in each process")
    func forms() throws {
        #expect(text("plain text / with ? and é") == "plain text / with ? and é")
        #expect(text("a:b%c") == "a%3Ab%25c")
        #expect(text("\u{0}\n\u{7F}") == "%00%0A%7F")
        #expect(text(42) == "42")
        #expect(text(Int8.min) == "-128")
        #expect(text(UInt64.max) == "18446744073709551615")
        #expect(text(true) == "1")
        #expect(text(Color.red) == "red")
        #expect(text(Identifier(rawValue: 7)) == "7")
        #expect(text("abcdef".dropFirst(3)) == "def")
        let uuid = try #require(UUID(uuidString: "6B29FC40-CA47-1067-B31D-00DD010662DA"))
        #expect(text(uuid) == "6b29fc40-ca47-1067-b31d-00dd010662da")
        #expect(text(CompositeKey("invoices", 2026, 11)) == "invoices:2026:11")
        #expect(text(CompositeKey(CompositeKey("a", "b"), Color.red)) == "a:b:red")
    }

    @Test("texts that are equal have one form, whatever their normal form")
    func normalForms() {
        #expect(text("cafe\u{301}") == text("caf\u{E9}"))
        #expect(text("\u{212A}elvin") == text("Kelvin"))
    }

    @Test("different parts never make the same key")
    func injectivity() {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix64(seed: seed)
        let alphabet = Array(":%a3A\u{0}")
        var seen: [String: [String]] = [:]
        for _ in 0..<20_000 {
            let parts = (0..<Int.random(in: 1...3, using: &random))
                .map { _ in
                    String(
                        (0..<Int.random(in: 0...3, using: &random))
                            .map { _ in
                                alphabet[Int.random(in: alphabet.indices, using: &random)]
                            }
                    )
                }
            var encoder = CacheKeyEncoder()
            for part in parts { encoder.append(part) }
            let encoded = String(decoding: encoder.bytes, as: UTF8.self)
            let other = seen.updateValue(parts, forKey: encoded)
            #expect(other == nil || other == parts, "seed \(seed)")
        }
    }

    @Test("composite keys are equal when their parts are")
    func composites() {
        #expect(CompositeKey("a", 1) == CompositeKey("a", 1))
        #expect(CompositeKey("a", 1) != CompositeKey("a", 2))
        #expect(Set([CompositeKey("a", 1), CompositeKey("a", 1), CompositeKey("b", 1)]).count == 2)
    }

    @Test("an empty key, and one over the limit, are refused with what to do")
    func limits() async throws {
        let caches = try CacheSystem(configuration: .init(maximumKeyBytes: 10))
        let cache = try caches.cache(CacheNamespace<String, Int>.inMemory("numbers"))
        for key in ["", "12345678901", "123456789:"] {
            let error = await #expect(throws: CacheError.self) { try await cache.value(forKey: key) { _ in 1 } }
            #expect(error?.code == .invalidKey)
            await #expect(throws: CacheError.self) { try await cache.setValue(1, forKey: key) }
            await #expect(throws: CacheError.self) { try await cache.setValues(["fine": 1, key: 1]) }
            await #expect(throws: CacheError.self) { try await cache.removeValue(forKey: key) }
            await #expect(throws: CacheError.self) { try await cache.value(forKey: key) }
            await #expect(throws: CacheError.self) { try await cache.values(forKeys: [key]) { _ in [:] } }
            #expect(cache.cachedValue(forKey: key) == nil)
        }
        #expect(cache.cachedValue(forKey: "fine") == nil, "a refused batch stores nothing")
        #expect(try await cache.value(forKey: "1234567890") { _ in 1 } == 1)
        #expect(cache.activity == (0, 0))
    }

    @Test("a key that is read back from its encoded form is the same key")
    func decoding() {
        func expectReturn<Key: DecodableCacheKey>(_ key: Key, sourceLocation: SourceLocation = #_sourceLocation) {
            var encoder = CacheKeyEncoder()
            key.encode(into: &encoder)
            #expect(Key.decode(encoder.bytes[...]) == key, sourceLocation: sourceLocation)
        }
        for text in ["", "a", "a:b%c\u{1}\u{7F}", "cafe\u{301}", "日本語", "%3A"] { expectReturn(text) }
        for number in [Int.min, -1, 0, 7, .max] { expectReturn(number) }
        expectReturn(UInt8.max)
        expectReturn(true)
        expectReturn(UUID())
        expectReturn(CompositeKey("a:b", 7, UUID()))
    }

    @Test("what no key of the type has written is not read back")
    func wrongForms() {
        #expect(Int.decode(Array("7:8".utf8)[...]) == nil)
        #expect(Int.decode(Array("seven".utf8)[...]) == nil)
        #expect(UInt8.decode(Array("256".utf8)[...]) == nil)
        #expect(String.decode(Array("%4".utf8)[...]) == nil)
        #expect(CompositeKey<String, Int>.decode(Array("a".utf8)[...]) == nil)
    }
}
