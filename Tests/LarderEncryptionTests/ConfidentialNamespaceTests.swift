import Larder
import LarderEncryption
import LarderTesting
import Logging
import MemoryCache
import Testing

@Suite struct ConfidentialNamespaceTests {
    private let clock = ManualClock()
    private let store: DictionaryStore
    private let log = LogRecorder()

    init() {
        store = DictionaryStore(clock: clock)
    }

    private func system() throws -> CacheSystem { try CacheSystem(store: store, clock: clock, logger: log.logger) }

    private func stored(_ key: String) async throws -> [UInt8]? {
        try await store.value(forKey: StoreKey("larder:texts:\(key)"))?.bytes
    }

    @Test("a confidential namespace does not open without a key, unless it stays in memory")
    func refusal() throws {
        var namespace = CacheNamespace<Int, String>("texts", codec: .text)
        namespace.isConfidential = true
        #expect(throws: CacheError.self) { try system().cache(namespace) }
        namespace.encryption = NamespaceEncryption(try KeyRing([]))
        #expect(throws: CacheError.self) { try system().cache(namespace) }
        namespace.encryption = NamespaceEncryption(try KeyRing([key(1)]))
        _ = try system().cache(namespace)
        var inMemory = CacheNamespace<Int, String>.inMemory("others")
        inMemory.isConfidential = true
        _ = try system().cache(inMemory)
    }

    @Test("neither value nor tag stands in the store, and another process with the key reads both")
    func roundTrip() async throws {
        let ring = try KeyRing([key(1)])
        try await system().cache(texts(ring)).setValue("a secret", forKey: "a")
        let bytes = try #require(try await stored("a"))
        #expect(!bytes.hold("a secret"))
        #expect(!bytes.hold("author:Ada"))
        let other = try system().cache(texts(KeyRing([key(1)])))
        #expect(try await other.value(forKey: "a") == "a secret")
        try await other.removeAll(tagged: "author:Ada")
        #expect(try await system().cache(texts(ring)).value(forKey: "a") == nil)
    }

    @Test("an entry that was put under another key by hand is a miss with its reason")
    func forgery() async throws {
        let cache = try system().cache(texts(KeyRing([key(1)])))
        try await cache.setValue("a secret", forKey: "a")
        var bytes = try #require(try await stored("a"))
        let target = StoreKey("larder:texts:b")
        for byte in 0..<8 { bytes[8 + byte] = UInt8(truncatingIfNeeded: target.digest >> UInt64(byte * 8)) }
        Envelope.close(&bytes)
        try await store.setValue(bytes, forKey: target, timeToLive: .seconds(60))
        #expect(try await cache.value(forKey: "b") == nil)
        #expect(cache.statistics.undecodable == ["forged entry": 1])
    }

    @Test("entries are encrypted anew when they are read, and by the job for all, and keep the rest of their lives")
    func rewrapping() async throws {
        let ring = try KeyRing([key(1)])
        try await system().cache(texts(ring)).setValues(["a": "one", "b": "two", "c": "three"])
        try ring.rotate(to: key(2))
        clock.advance(by: .seconds(100))
        let cache = try system().cache(texts(ring))
        #expect(try await cache.value(forKey: "a") == "one")
        await until { cache.statistics.reencrypted == 1 }
        let value = try #require(try await store.value(forKey: StoreKey("larder:texts:a")))
        #expect(try Envelope(value.bytes.span.bytes, key: StoreKey("larder:texts:a")).encryptionKey == 2)
        #expect(value.remainingLife == .seconds(560))
        #expect(try await cache.reencryptStoredEntries() == 2)
        #expect(try await cache.reencryptStoredEntries() == 0)
        ring.retire(1)
        let later = try system().cache(texts(ring))
        #expect(
            try await later.values(forKeys: ["a", "b", "c"]) { _ in [:] } == ["a": "one", "b": "two", "c": "three"]
        )
        #expect(try await later.result(forKey: "b") { _, _ in .value("") }.age == .seconds(100))
    }

    @Test("entries of long keys, which the store knows by short forms, are encrypted anew", arguments: [false, true])
    func rewrappingLongKeys(isPerTenant: Bool) async throws {
        let ring = try KeyRing([key(1)])
        let long = (0..<3).map { String(repeating: "long", count: 60) + "\($0)" }
        let namespace = texts(ring, isPerTenant: isPerTenant)
        let values = Dictionary(uniqueKeysWithValues: long.map { ($0, "value of \($0)") })
        try await system().cache(namespace).setValues(values)
        try ring.rotate(to: key(2))
        #expect(try await system().cache(namespace).reencryptStoredEntries() == 3)
        ring.retire(1)
        #expect(try await system().cache(namespace).values(forKeys: long) { _ in [:] } == values)
    }

    @Test("a removal of everything is not undone by entries that are being encrypted anew")
    func removalOfEverything() async throws {
        let ring = try KeyRing([key(1)])
        let keys = (0..<50).map { "\($0)" }
        for round in 0..<20 {
            try await system().cache(texts(ring)).setValues(Dictionary(uniqueKeysWithValues: keys.map { ($0, "old") }))
            try ring.rotate(to: key(UInt16(round + 2)))
            let cache = try system().cache(texts(ring))
            async let read = cache.values(forKeys: keys) { _ in [:] }
            try await cache.removeAll()
            _ = try await read
            #expect(try await system().cache(texts(ring)).values(forKeys: keys) { _ in [:] } == [:])
        }
    }

    @Test("a value that cannot be encrypted stays in memory, and comes back to the store with a new key")
    func usedUp() async throws {
        let ring = try KeyRing([key(1)], usageLimit: 1)
        let cache = try system().cache(texts(ring))
        #expect(try await cache.value(forKey: "a") { _ in "one" } == "one")
        #expect(try await cache.value(forKey: "b") { _ in "two" } == "two")
        #expect(cache.cachedValue(forKey: "b") == "two")
        #expect(try await stored("b") == nil)
        try ring.rotate(to: key(2))
        try await cache.setValue("three", forKey: "b")
        #expect(try await stored("b") != nil)
    }

    @Test("the journal holds no value in the clear, and a later process reads it")
    func journal() async throws {
        let disk = DictionaryJournal.Disk()
        let sink = FaultySink(RecordingSink<String, String> { _, new in new })
        func open() async throws -> WriteBehindCache<String, String> {
            try await WriteBehindCache(
                system().cache(texts(KeyRing([key(1)]))),
                sink: sink,
                journal: DictionaryJournal(disk),
                logger: log.logger
            )
        }
        try await open().setValue("a secret", forKey: "a")
        let records = disk.records
        #expect(records.count == 1)
        #expect(!records[0].body.hold("a secret"))
        #expect(records[0].isIntact)
        let second = try await open()
        #expect(second.statistics.pendingWrites == 1)
        #expect(try await second.value(forKey: "a") == "a secret")
    }

    @Test("no log line and no error of the cache shows a value, whatever fails")
    func logs() async throws {
        struct Refusing: CacheCodec {
            let formatVersion: UInt16 = 1
            func encode(_ value: String, into buffer: inout [UInt8]) throws {
                throw EncodingError.invalidValue(value, .init(codingPath: [], debugDescription: value))
            }
            func decode(_ bytes: RawSpan) throws -> String { throw InvalidBytes("no") }
        }
        struct OriginError: Error { let row: String }
        var namespace = texts(try KeyRing([key(1)]))
        namespace.codec = Refusing()
        namespace.name = "refused"
        namespace.defaultValue = { _ in "default" }
        let cache = try system().cache(namespace)
        #expect(try await cache.value(forKey: "a") { _ in "a secret" } == "a secret")
        let error = await #expect(throws: CacheError.self) { try await cache.setValue("a secret", forKey: "a") }
        #expect(!"\(try #require(error))".contains("a secret"))
        #expect(try await cache.value(forKey: "b") { _ in throw OriginError(row: "a secret") } == "default")
        #expect(log.lines.count >= 2)
        #expect(!log.lines.contains { $0.text.contains("a secret") })
    }

    @Test("with concealed names the store tells no key, and all but patterns works")
    func concealedNames() async throws {
        var namespace = texts(try KeyRing([key(1)]), isPerTenant: true)
        namespace.encryption?.concealer = try KeyHash(secret: [UInt8](repeating: 9, count: 32))
        let caches = try system()
        let cache = try caches.cache(namespace)
        try await cache.setValues(["ada": "one", "grace": "two"])
        let names = try await store.keys(withPrefix: StoreKey(""), after: nil, limit: 10)
        #expect(names.count == 2)
        #expect(!names.contains { $0.bytes.hold("ada") || $0.bytes.hold("grace") })
        #expect(try await system().cache(namespace).value(forKey: "ada") == "one")
        let receiver = try caches.receiver(of: [EventRule("gone", in: "texts", invalidates: ["{id}"])])
        try await receiver.receive(CacheEvent("gone", id: "1", fields: ["id": "ada"]))
        #expect(try await cache.value(forKey: "ada") == nil)
        #expect(try await cache.value(forKey: "grace") == "two")
        await #expect(throws: CacheError.self) { try await cache.removeAll(matching: KeyPattern("a*")) }
        namespace.lifetimes = try TTLRules([])
        namespace.name = "others"
        #expect(throws: CacheError.self) { try system().cache(namespace) }
        let journal = DictionaryJournal(DictionaryJournal.Disk())
        await #expect(throws: CacheError.self) {
            try await WriteBehindCache(cache, sink: RecordingSink<String, String> { _, new in new }, journal: journal)
        }
    }
}
