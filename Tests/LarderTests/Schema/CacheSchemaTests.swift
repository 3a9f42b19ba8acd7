import LarderTesting
import Logging
import Testing

@testable import Larder

@Suite(.timeLimit(.minutes(10))) struct CacheSchemaTests {
    private struct First: Codable, Hashable, Sendable {
        var name: String
    }

    private struct Second: Codable, Hashable, Sendable {
        var name: String
        var mail: String?
    }

    private struct Third: Codable, Hashable, Sendable {
        var name: String
        var mails: [String]
    }

    private struct NoName: Error {}

    private let clock = ManualClock()
    private let store: DictionaryStore
    private let log = LogRecorder()

    init() {
        store = DictionaryStore(clock: clock)
    }

    private static var firstStep: SchemaStep {
        SchemaStep(from: 1, JSONCodec<First>(), to: JSONCodec<Second>()) { old in
            guard !old.name.isEmpty else { throw NoName() }
            return Second(name: old.name, mail: "\(old.name)@example.org")
        }
    }

    private static var secondStep: SchemaStep {
        SchemaStep(from: 2, JSONCodec<Second>(), to: JSONCodec<Third>()) { old in
            Third(name: old.name, mails: old.mail.map { [$0] } ?? [])
        }
    }

    /// The cache of a process of its own.
    private func cache<Value: Codable & Sendable>(
        _ version: UInt16,
        _ steps: [SchemaStep] = [],
        _ type: Value.Type = Value.self
    ) throws -> TieredCache<Int, Value> {
        var namespace = CacheNamespace<Int, Value>("users", policy: exact())
        namespace.schema = try CacheSchema(version: version, steps)
        return try CacheSystem(store: store, clock: clock, logger: log.logger).cache(namespace)
    }

    @Test("an older value goes through all steps from its version on, and stays in the store as it is")
    func migration() async throws {
        try await cache(1).setValue(First(name: "ada"), forKey: 1)
        try await cache(2).setValue(Second(name: "bob", mail: nil), forKey: 2)
        for _ in 0..<2 {
            let new = try cache(3, [Self.secondStep, Self.firstStep], Third.self)
            #expect(try await new.value(forKey: 1) == Third(name: "ada", mails: ["ada@example.org"]))
            #expect(try await new.value(forKey: 2) == Third(name: "bob", mails: []))
            #expect(new.statistics.undecodable.isEmpty)
        }
        let old = try cache(1, [], First.self)
        #expect(try await old.value(forKey: 1) == First(name: "ada"), "the old process has it still")
    }

    @Test("an absence needs no step to be migrated, and is not taken over a gap")
    func absence() async throws {
        try await cache(1, [], First.self).setAbsent(forKey: 1)
        let new = try cache(2, [Self.firstStep], Second.self)
        #expect(try await new.result(forKey: 1) != nil)
        let other = try cache(3, [Self.firstStep], Third.self)
        #expect(try await other.result(forKey: 1) == nil)
    }

    @Test("an older value without steps is a miss, and what is loaded is stored over it", arguments: [true, false])
    func gap(hasLaterStep: Bool) async throws {
        try await cache(1).setValue(First(name: "ada"), forKey: 1)
        let steps = hasLaterStep ? [Self.secondStep] : []
        let new = try cache(3, steps, Third.self)
        let loaded = Third(name: "new", mails: [])
        #expect(try await new.value(forKey: 1) { _ in loaded } == loaded)
        #expect(new.statistics.undecodable == ["older schema": 1])
        #expect(try await cache(3, steps, Third.self).value(forKey: 1) == loaded)
    }

    @Test("a newer value is a miss, and what is loaded leaves it where it is", arguments: [false, true])
    func newer(isBulk: Bool) async throws {
        let written = Third(name: "new", mails: [])
        try await cache(3).setValue(written, forKey: 1)
        let old = try cache(1, [], First.self)
        let loaded = First(name: "old")
        if isBulk {
            #expect(try await old.values(forKeys: [1]) { _ in [1: loaded] } == [1: loaded])
        } else {
            #expect(try await old.value(forKey: 1) { _ in loaded } == loaded)
        }
        #expect(old.statistics.undecodable == ["newer schema": 1])
        #expect(old.cachedValue(forKey: 1) == loaded)
        #expect(try await cache(3, [], Third.self).value(forKey: 1) == written)
    }

    @Test("a write and a removal by an old process replace a newer value, which is no longer true")
    func replacing() async throws {
        let new = Third(name: "new", mails: [])
        try await cache(3).setValues([1: new, 2: new, 3: new])
        let old = try cache(2, [], Second.self)
        try await old.setValue(Second(name: "later", mail: nil), forKey: 1)
        try await old.removeValue(forKey: 2)
        try await old.expireValue(forKey: 3)
        let reader = try cache(3, [Self.secondStep], Third.self)
        #expect(try await reader.value(forKey: 1) == Third(name: "later", mails: []))
        #expect(try await reader.value(forKey: 2) == nil)
        #expect(try await reader.value(forKey: 3) == nil)
    }

    @Test("a value that a step refuses is a miss with its reason, and is replaced")
    func failedStep() async throws {
        try await cache(1).setValue(First(name: ""), forKey: 1)
        let new = try cache(2, [Self.firstStep], Second.self)
        let loaded = Second(name: "new", mail: nil)
        #expect(try await new.value(forKey: 1) { _ in loaded } == loaded)
        #expect(new.statistics.undecodable == ["failed migration": 1])
        #expect(try await cache(2, [], Second.self).value(forKey: 1) == loaded)
    }

    @Test("a step may change the codec, and what another codec wrote under the old version is not given to it")
    func codecs() async throws {
        func new(_ steps: [SchemaStep]) throws -> TieredCache<Int, String> {
            var namespace = CacheNamespace<Int, String>("users", policy: exact(), codec: .text)
            namespace.schema = try CacheSchema(version: 2, steps)
            return try CacheSystem(store: store, clock: clock, logger: log.logger).cache(namespace)
        }
        try await cache(1).setValue(First(name: "ada"), forKey: 1)
        let right = try new([SchemaStep(from: 1, JSONCodec<First>(), to: TextCodec()) { $0.name }])
        #expect(try await right.value(forKey: 1) == "ada")
        let wrong = try new([SchemaStep(from: 1, BytesCodec(), to: TextCodec()) { "\($0.count)" }])
        #expect(try await wrong.value(forKey: 1) == nil)
        #expect(wrong.statistics.undecodable == ["other codec": 1])
    }

    @Test("a thousand values that do not fit are counted one by one and logged once")
    func logging() async throws {
        let old = try cache(1, [], First.self)
        try await old.setValues(Dictionary(uniqueKeysWithValues: (0..<1_000).map { ($0, First(name: "ada")) }))
        let new = try cache(2, [], Second.self)
        for key in 0..<1_000 { #expect(try await new.value(forKey: key) == nil) }
        #expect(new.statistics.undecodable == ["older schema": 1_000])
        #expect(log.warnings.count == 1)
    }

    @Test("steps that make no sense are refused, and so is the namespace with another schema")
    func definitions() async throws {
        let refused: [(UInt16, [SchemaStep])] = [(1, [Self.firstStep]), (3, [Self.firstStep, Self.firstStep])]
        for (version, steps) in refused {
            let error = #expect(throws: CacheError.self) { try CacheSchema(version: version, steps) }
            #expect(error?.code == .invalidConfiguration)
        }
        let caches = try CacheSystem(store: store, clock: clock)
        var namespace = CacheNamespace<Int, Third>("users")
        namespace.schema = try CacheSchema(version: 3, [Self.secondStep])
        _ = try caches.cache(namespace)
        for other in [nil, try CacheSchema(version: 3), try CacheSchema(version: 4, [Self.secondStep])] {
            namespace.schema = other
            let error = #expect(throws: CacheError.self) { try caches.cache(namespace) }
            #expect(error?.code == .namespaceConflict)
        }
    }
}
