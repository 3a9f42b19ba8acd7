import LarderTesting
import Testing

@testable import Larder

@Suite(.timeLimit(.minutes(10))) struct EventTests {
    private let clock = ManualClock()
    private let caches: CacheSystem
    private let notes: TieredCache<String, String>

    init() throws {
        caches = try CacheSystem(store: DictionaryStore(clock: clock), clock: clock)
        notes = try caches.cache(CacheNamespace("notes", policy: exact()))
    }

    private func receiver(_ configuration: EventReceiver.Configuration = .init()) throws -> EventReceiver {
        try caches.receiver(
            of: [
                EventRule("note.updated", in: "notes", invalidates: ["{id}", "tag author:{author}"]),
                EventRule("vault.restored", in: "notes", invalidates: ["everything"], isSoft: true),
            ],
            configuration: configuration
        )
    }

    private func updated(_ note: String, id: String) -> CacheEvent {
        CacheEvent("note.updated", id: id, fields: ["id": note, "author": "nobody"])
    }

    @Test("an event invalidates what its rules say, in memory and in the store, and nothing else")
    func rules() async throws {
        var tagged = exact()
        tagged.tags = ["author:ada"]
        try await notes.setValues(["7": "seven", "8": "eight"])
        try await notes.setValue("nine", forKey: "9", policy: tagged)
        let event = CacheEvent("note.updated", id: "1", fields: ["id": "7", "author": "ada"])
        try await receiver().receive(event)
        #expect(try await notes.value(forKey: "7") == nil)
        #expect(try await notes.value(forKey: "9") == nil)
        #expect(notes.cachedValue(forKey: "8") == "eight")
    }

    @Test("a value of an event can no more widen a pattern than add a part to a key")
    func escaping() async throws {
        try await notes.setValues(["*": "star", "7": "seven", "a:b": "colon"])
        let receiver = try receiver()
        try await receiver.receive(updated("*", id: "1"))
        #expect(notes.cachedValue(forKey: "*") == nil)
        #expect(notes.cachedValue(forKey: "7") == "seven")
        try await receiver.receive(updated("a:b", id: "2"))
        #expect(notes.cachedValue(forKey: "a:b") == nil)
    }

    @Test("an event that comes again within the window does nothing, and later it counts again")
    func repetition() async throws {
        let receiver = try receiver(.init(window: .seconds(60)))
        for (delay, isExpected) in [(0, true), (59, false), (1, true)] {
            clock.advance(by: .seconds(delay))
            try await notes.setValue("seven", forKey: "7")
            try await receiver.receive(updated("7", id: "same"))
            #expect((notes.cachedValue(forKey: "7") == nil) == isExpected, "after \(delay) s")
        }
    }

    @Test("an event without a field that a rule needs is an error that names the field, and may be sent again")
    func missingField() async throws {
        let receiver = try receiver()
        let error = await #expect(throws: CacheError.self) {
            try await receiver.receive(CacheEvent("note.updated", id: "1", fields: ["id": "7"]))
        }
        #expect(error?.code == .missingField)
        #expect(error?.message.contains("author") == true)
        try await notes.setValue("seven", forKey: "7")
        try await receiver.receive(updated("7", id: "1"))
        #expect(notes.cachedValue(forKey: "7") == nil)
    }

    @Test("of invalidations of the same that come too fast, the first is carried out at once and the rest as one")
    func debounce() async throws {
        let receiver = try receiver(.init(debounce: .seconds(10)))
        try await receiver.receive(updated("7", id: "1"))
        try await notes.setValue("seven", forKey: "7")
        for id in 2...5 { try await receiver.receive(updated("7", id: "\(id)")) }
        #expect(notes.cachedValue(forKey: "7") == "seven")
        await clock.waitForSleepers()
        clock.advance(by: .seconds(10))
        await until { notes.cachedValue(forKey: "7") == nil }
    }

    @Test("a soft rule leaves the copies to stand in")
    func soft() async throws {
        let policy = exact(grace: .seconds(60))
        try await notes.setValue("seven", forKey: "7", policy: policy)
        try await receiver().receive(CacheEvent("vault.restored", id: "1"))
        #expect(notes.cachedValue(forKey: "7") == nil)
        let answer = try await notes.value(forKey: "7", policy: policy) { _ in throw Origin.Down() }
        #expect(answer == "seven")
    }

    @Test("an event for a namespace that was not opened is an error")
    func unknownNamespace() async throws {
        let receiver = try caches.receiver(of: [EventRule("e", in: "pages", invalidates: ["everything"])])
        let error = await #expect(throws: CacheError.self) { try await receiver.receive(CacheEvent("e", id: "1")) }
        #expect(error?.code == .invalidInvalidation)
    }

    @Test("invalidations of a transaction are carried out when it was committed, and dropped when it failed")
    func transactions() async throws {
        try await notes.setValues(["7": "seven", "8": "eight"])
        await #expect(throws: Origin.Down.self) {
            try await caches.invalidateAfterCommit { collector in
                for record in try notes.invalidation(ofKeys: ["7"]) { collector.collect(record) }
                throw Origin.Down()
            }
        }
        #expect(notes.cachedValue(forKey: "7") == "seven")
        let result = try await caches.invalidateAfterCommit { collector in
            for record in try notes.invalidation(ofKeys: ["7"]) { collector.collect(record) }
            #expect(notes.cachedValue(forKey: "7") == "seven", "not before the commit")
            return 42
        }
        #expect(result == 42)
        #expect(notes.cachedValue(forKey: "7") == nil)
        #expect(notes.cachedValue(forKey: "8") == "eight")
    }

    @Test("for an origin with replicas the invalidation is made again after their lag")
    func replicas() async throws {
        try await caches.invalidateAfterCommit(repeatingAfter: .seconds(3)) { collector in
            for record in try notes.invalidation(ofKeys: ["7"]) { collector.collect(record) }
        }
        _ = try await notes.value(forKey: "7") { _ in "from a replica that lags" }
        await clock.waitForSleepers()
        clock.advance(by: .seconds(3))
        await until { notes.cachedValue(forKey: "7") == nil }
        #expect(try await notes.value(forKey: "7") { _ in "new" } == "new")
    }
}
