import Larder
import LarderTesting
import Logging
import Testing

@Suite(.timeLimit(.minutes(10))) struct DegradationTests {
    private let clock = ManualClock()
    private let store: FaultyStore
    private let origin = Origin([1: "one"])
    private let log = LogRecorder()
    private let caches: CacheSystem
    private let cache: TieredCache<Int, String>

    init() throws {
        store = FaultyStore(wrapping: DictionaryStore(clock: clock), clock: clock)
        var configuration = CacheSystem.Configuration()
        // So that each failure is seen by itself.
        configuration.storeBreaker = nil
        caches = try CacheSystem(store: store, configuration: configuration, clock: clock, logger: log.logger)
        cache = try caches.cache(CacheNamespace("values", policy: exact()))
    }

    private func otherProcess() throws -> TieredCache<Int, String> {
        try CacheSystem(store: store, clock: clock).cache(CacheNamespace("values", policy: exact()))
    }

    private func read(_ key: Int = 1) async throws -> String? {
        try await cache.valueIfPresent(forKey: key) { [origin] in try origin.load($0) }
    }

    @Test("a store that fails costs readers and writers nothing but the miss")
    func failingStore() async throws {
        store.fail(.always)
        #expect(try await read() == "one")
        #expect(cache.cachedValue(forKey: 1) == "one")
        try await cache.setValue("two", forKey: 2)
        try await cache.setValues([3: "three", 4: "four"])
        #expect(cache.cachedValue(forKey: 2) == "two")
        #expect(cache.cachedValue(forKey: 4) == "four")
        #expect(try await cache.value(forKey: 9) == nil)
        let values = try await cache.values(forKeys: [1, 5]) { _ in [5: "five"] }
        #expect(values == [1: "one", 5: "five"])
        #expect(cache.statistics.storeFailures == store.calls(of: .all))
    }

    @Test("a store that hangs is left behind after its timeout")
    func hangingStore() async throws {
        store.hang(heedsCancellation: false)
        let task = Task { try await read() }
        await clock.waitForSleepers()
        clock.advance(by: .milliseconds(250))
        #expect(try await task.value == "one")
        #expect(cache.statistics.storeFailures == 1)
        #expect(store.calls(of: .write) == 0, "what the store holds is not known, so nothing is written over it")
        store.release()
    }

    @Test("an answer that comes before the timeout is taken, and leaves no timer behind")
    func slowStore() async throws {
        try await otherProcess().setValue("stored", forKey: 1)
        store.hang(.read)
        let task = Task { try await read() }
        await store.waitUntilHanging()
        await clock.waitForSleepers()
        clock.advance(by: .milliseconds(249))
        store.release()
        #expect(try await task.value == "stored")
        await until { clock.sleepers == 0 }
    }

    @Test("a store that goes on failing is left alone for a while, and asked again when it is well")
    func breaker() async throws {
        let caches = try CacheSystem(store: store, clock: clock)
        let cache = try caches.cache(CacheNamespace<Int, String>("values", policy: exact()))
        store.fail(.always)
        for key in 0..<100 { _ = try await cache.value(forKey: key) { _ in "v" } }
        #expect(caches.storeBreaker?.state == .open)
        let asked = store.calls(of: .all)
        #expect(asked < 30)
        #expect(try await cache.value(forKey: 200) { _ in "v" } == "v")
        #expect(store.calls(of: .all) == asked)
        store.heal()
        clock.advance(by: .seconds(10))
        for key in 300..<310 { _ = try await cache.value(forKey: key) { _ in "v" } }
        #expect(caches.storeBreaker?.state == .closed)
        #expect(try await otherProcess().value(forKey: 309) == "v")
    }

    @Test("a caller who is cancelled while the store is slow leaves at once")
    func cancellation() async throws {
        store.hang(heedsCancellation: false)
        let task = Task { try await read() }
        await store.waitUntilHanging()
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(cache.statistics.storeFailures == 0)
        store.release()
    }

    @Test("a write that was given up and takes effect late, over a newer one, is not believed")
    func lateWrite() async throws {
        store.hang(.write, heedsCancellation: false)
        let late = Task { try await cache.setValue("late", forKey: 1) }
        await store.waitUntilHanging()
        await clock.waitForSleepers()
        clock.advance(by: .milliseconds(250))
        try await late.value
        let brief = exact(timeToLive: .seconds(1))
        let newer = Task { try await cache.setValue("newer", forKey: 1, policy: brief) }
        await store.waitUntilHanging(2)
        store.release()
        try await newer.value
        clock.advance(by: .seconds(1))
        #expect([nil, "newest"].contains(try await cache.value(forKey: 1)))
        await until { store.calls(of: .write) == 2 }
        try await cache.setValue("newest", forKey: 1)
        #expect(try await otherProcess().value(forKey: 1) == "newest")
    }

    @Test("changes that have begun are not cut off when their task is cancelled")
    func cancelledChanges() async throws {
        _ = try await read()
        store.hang()
        let write = Task { try await cache.setValue("two", forKey: 2) }
        let removal = Task { try await cache.removeValue(forKey: 1) }
        await store.waitUntilHanging(2)
        write.cancel()
        removal.cancel()
        store.release()
        try await write.value
        try await removal.value
        #expect(try await otherProcess().value(forKey: 1) == nil)
        #expect(try await otherProcess().value(forKey: 2) == "two")
        #expect(cache.statistics.storeFailures == 0)
    }

    @Test("while too many operations hang in the store, further ones fail at once")
    func manyHangingOperations() async throws {
        store.hang(.read, heedsCancellation: false)
        let tasks = (0..<300).map { key in Task { try await cache.value(forKey: key) } }
        await store.waitUntilHanging(300)
        await clock.waitForSleepers(300)
        clock.advance(by: .milliseconds(250))
        for task in tasks { #expect(try await task.value == nil) }
        #expect(try await read() == "one", "without anybody moving the clock")
        store.release()
        await until { store.calls(of: .read) == 300 }
        while try await otherProcess().value(forKey: 1) == nil { try await cache.setValue("one", forKey: 1) }
    }

    @Test("an entry that is too large for the store stays in memory alone")
    func largeEntries() async throws {
        struct Small: RemoteStore {
            let base: DictionaryStore
            var maximumEntryBytes: Int { 100 }
            func values(forKeys keys: [StoreKey]) async throws -> [StoredValue?] {
                try await base.values(forKeys: keys)
            }
            func setValues(_ writes: [StoreWrite]) async throws {
                #expect(writes.allSatisfy { $0.bytes.count <= 100 })
                try await base.setValues(writes)
            }
            func slots(forKeys keys: [StoreKey]) async throws -> [StoreSlot] {
                try await base.slots(forKeys: keys)
            }
            func fill(_ fills: [StoreFill]) async throws -> [Bool] {
                #expect(fills.allSatisfy { $0.write.bytes.count <= 100 })
                return try await base.fill(fills)
            }
            func bury(_ keys: [StoreKey], for life: Duration) async throws {
                try await base.bury(keys, for: life)
            }
            func removeValues(forKeys keys: [StoreKey]) async throws -> Int {
                try await base.removeValues(forKeys: keys)
            }
            func remove(_ removals: [StoreRemoval]) async throws -> Int { try await base.remove(removals) }
            func keys(withPrefix prefix: StoreKey, after key: StoreKey?, limit: Int) async throws -> [StoreKey] {
                try await base.keys(withPrefix: prefix, after: key, limit: limit)
            }
        }
        let base = DictionaryStore(clock: clock)
        let system = try CacheSystem(store: Small(base: base), clock: clock, logger: log.logger)
        let cache = try system.cache(CacheNamespace<Int, String>("values", policy: exact()))
        try await cache.setValue("small", forKey: 1)
        let large = String(repeating: "x", count: 200)
        let values = try await cache.values(forKeys: [2, 3]) { _ in [2: large, 3: "small"] }
        #expect(values == [2: large, 3: "small"])
        try await cache.setValue(large, forKey: 1)
        #expect(cache.cachedValue(forKey: 1) == large)
        #expect(cache.cachedValue(forKey: 2) == large)
        #expect(base.count == 1)
    }

    @Test("failures are logged once per interval, with the number of those in between")
    func logging() async throws {
        store.fail(.always)
        for key in 1...5 { _ = try await cache.value(forKey: key) { _ in "v" } }
        #expect(log.warnings.count == 1)
        clock.advance(by: .seconds(59))
        _ = try await cache.value(forKey: 6) { _ in "v" }
        #expect(log.warnings.count == 1)
        clock.advance(by: .seconds(1))
        _ = try await cache.value(forKey: 7) { _ in "v" }
        #expect(log.warnings.count == 2)
        #expect(log.warnings.last?.metadata["failures_since_last_line"] == "5")
    }

    @Test("a removal that the store did not take is an error, and this process never reads the old value")
    func failedRemoval() async throws {
        _ = try await read()
        store.fail(.always, of: [.remove, .removeAll])
        let error = await #expect(throws: CacheError.self) { try await cache.removeValue(forKey: 1) }
        #expect(error?.code == .storeUnavailable)
        #expect(error?.underlyingError is FaultyStore.InjectedFailure)
        #expect(try await cache.value(forKey: 1) == nil)
        #expect(try await otherProcess().value(forKey: 1) == "one", "which is what the error is about")
        origin[1] = "uno"
        #expect(try await read() == "uno")
        #expect(try await otherProcess().value(forKey: 1) == "uno", "the next fill settles it")
    }

    @Test("a write that the store did not take does not bring the old value back")
    func failedWrite() async throws {
        try await cache.setValue("old", forKey: 1)
        store.fail(.next(1), of: .write)
        try await cache.setValue("new", forKey: 1, policy: exact(timeToLive: .seconds(1)))
        clock.advance(by: .seconds(1))
        #expect(try await cache.value(forKey: 1) == nil)
        try await cache.setValue("newest", forKey: 1)
        #expect(try await otherProcess().value(forKey: 1) == "newest")
    }

    @Test("when everything could not be removed, this process reads nothing from the store until it could")
    func failedRemoveAll() async throws {
        _ = try await read()
        store.fail(.next(1), of: .removeAll)
        await #expect(throws: CacheError.self) { try await cache.removeAll() }
        #expect(try await cache.value(forKey: 1) == nil)
        try await cache.removeAll()
        try await otherProcess().setValue("other", forKey: 1)
        #expect(try await cache.value(forKey: 1) == "other")
    }

    @Test("the number of keys in doubt is bounded; past it none is read from the store")
    func boundedDoubt() async throws {
        let system = try CacheSystem(
            store: store,
            configuration: .init(maximumDistrustedKeys: 3),
            clock: clock,
            logger: log.logger
        )
        let cache = try system.cache(CacheNamespace<Int, String>("values", policy: exact()))
        try await otherProcess().setValues([1: "a", 9: "b"])
        store.fail(.next(4), of: .write)
        for key in 1...4 { try await cache.setValue("new", forKey: key) }
        #expect(try await cache.value(forKey: 9) == nil)
        try await cache.removeAll()
        try await otherProcess().setValue("c", forKey: 9)
        #expect(try await cache.value(forKey: 9) == "c")
    }

    @Test("whatever bit of an entry is damaged, the answer is a miss with a reason")
    func damagedEntries() async throws {
        _ = try await read()
        store.corrupt(.always)
        for round in 1...500 {
            let cache = try otherProcess()
            #expect(try await cache.value(forKey: 1) == nil, "seed \(store.seed)")
            #expect(cache.statistics.undecodable.values.reduce(0, +) == 1, "seed \(store.seed) round \(round)")
        }
    }

    @Test("garbage of any length is a miss with a reason", arguments: [0, 1, 54, 55, 56, 5_000])
    func garbage(length: Int) async throws {
        var random = SplitMix64(seed: UInt64(length))
        let bytes = (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        try await store.setValue(bytes, forKey: StoreKey("larder:values:1"), timeToLive: .seconds(60))
        #expect(try await read() == "one")
        #expect(cache.statistics.undecodable.values.reduce(0, +) == 1)
        #expect(try await otherProcess().value(forKey: 1) == "one", "the fill replaced the garbage")
    }

    @Test("an entry that was copied under another key is refused")
    func copiedEntry() async throws {
        _ = try await read()
        let stored = try #require(try await store.value(forKey: StoreKey("larder:values:1")))
        try await store.setValue(stored.bytes, forKey: StoreKey("larder:values:2"), timeToLive: .seconds(60))
        #expect(try await cache.value(forKey: 2) == nil)
        #expect(cache.statistics.undecodable == ["entry of another key": 1])
    }

    @Test("values of another format version are a miss")
    func formatVersion() async throws {
        let old = CacheNamespace<Int, User>("users", policy: exact(), codec: .json(formatVersion: 1))
        let new = CacheNamespace<Int, User>("users", policy: exact(), codec: .json(formatVersion: 2))
        try await caches.cache(old).setValue(User(id: 1, name: "Ada"), forKey: 1)
        let upgraded = try CacheSystem(store: store, clock: clock).cache(new)
        #expect(try await upgraded.value(forKey: 1) == nil)
        #expect(upgraded.statistics.undecodable == ["older schema": 1])
    }

    @Test("what one codec wrote is not taken for another's")
    func otherCodec() async throws {
        try await caches.cache(CacheNamespace<Int, String>("texts")).setValue("abc", forKey: 1)
        let other = try CacheSystem(store: store, clock: clock)
            .cache(CacheNamespace<Int, String>("texts", codec: .text))
        #expect(try await other.value(forKey: 1) == nil)
        #expect(other.statistics.undecodable == ["other codec": 1])
        #expect(throws: CacheError.self) { try caches.cache(CacheNamespace<Int, String>("texts", codec: .text)) }
    }

    @Test("a value of another shape is a miss")
    func otherShape() async throws {
        try await caches.cache(CacheNamespace<Int, User>("things", policy: exact()))
            .setValue(User(id: 1, name: ""), forKey: 1)
        let other = try CacheSystem(store: store, clock: clock).cache(CacheNamespace<Int, [String]>("things"))
        #expect(try await other.value(forKey: 1) == nil)
        #expect(other.statistics.undecodable == ["undecodable value": 1])
    }

    @Test("a value that cannot be encoded is refused by setValue, and kept in memory alone by a load")
    func unencodable() async throws {
        let numbers = try caches.cache(CacheNamespace<Int, Double>("numbers", policy: exact()))
        let error = await #expect(throws: CacheError.self) { try await numbers.setValue(.infinity, forKey: 1) }
        #expect(error?.code == .unencodableValue)
        #expect(try await numbers.value(forKey: 1) { _ in .infinity } == .infinity)
        #expect(numbers.cachedValue(forKey: 1) == .infinity)
        #expect(log.warnings.count == 1)
    }

    @Test("a store that answers with the wrong number of values is not believed")
    func wrongCount() async throws {
        struct Short: RemoteStore {
            func values(forKeys keys: [StoreKey]) async throws -> [StoredValue?] { [] }
            func slots(forKeys keys: [StoreKey]) async throws -> [StoreSlot] { [] }
            func setValues(_ writes: [StoreWrite]) async throws {}
            func fill(_ fills: [StoreFill]) async throws -> [Bool] { [] }
            func bury(_ keys: [StoreKey], for life: Duration) async throws {}
            func removeValues(forKeys keys: [StoreKey]) async throws -> Int { 0 }
            func remove(_ removals: [StoreRemoval]) async throws -> Int { 0 }
            func keys(withPrefix prefix: StoreKey, after key: StoreKey?, limit: Int) async throws -> [StoreKey] { [] }
        }
        let cache = try CacheSystem(store: Short()).cache(CacheNamespace<Int, String>("values"))
        #expect(try await cache.value(forKey: 1) { _ in "v" } == "v")
        #expect(try await cache.values(forKeys: [2, 3]) { _ in [2: "two"] } == [2: "two"])
        #expect(cache.statistics.undecodable == ["wrong number of answers": 2])
    }
}
