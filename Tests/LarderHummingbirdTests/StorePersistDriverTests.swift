import Hummingbird
import LarderHummingbird
import LarderTesting
import Testing

@Suite("What a Hummingbird application persists")
struct StorePersistDriverTests {
    private struct Session: Codable, Hashable, Sendable {
        var user: String
    }

    private let clock = ManualClock()
    private let driver: StorePersistDriver

    init() {
        let clock = clock
        driver = StorePersistDriver(DictionaryStore { clock.now.offset })
    }

    @Test("a value is created once, replaced, read, and removed")
    func values() async throws {
        try await driver.create(key: "a", value: Session(user: "Ada"), expires: nil)
        await #expect(throws: PersistError.duplicate) {
            try await driver.create(key: "a", value: Session(user: "Bob"), expires: nil)
        }
        #expect(try await driver.get(key: "a", as: Session.self) == Session(user: "Ada"))
        try await driver.set(key: "a", value: Session(user: "Bob"), expires: nil)
        #expect(try await driver.get(key: "a", as: Session.self) == Session(user: "Bob"))
        await #expect(throws: PersistError.invalidConversion) { try await driver.get(key: "a", as: Int.self) }
        try await driver.remove(key: "a")
        #expect(try await driver.get(key: "a", as: Session.self) == nil)
        try await driver.create(key: "a", value: 7, expires: nil)
        #expect(try await driver.get(key: "a", as: Int.self) == 7)
    }

    @Test("a value lives until its expiry, which a later value keeps that names none")
    func expiries() async throws {
        try await driver.set(key: "a", value: 1, expires: .seconds(10))
        clock.advance(by: .seconds(4))
        try await driver.set(key: "a", value: 2, expires: nil)
        let found = try #require(try await driver.getWithTTL(key: "a", as: Int.self))
        #expect(found.object == 2 && found.ttl == .seconds(6))
        clock.advance(by: .seconds(6))
        #expect(try await driver.get(key: "a", as: Int.self) == nil)
        try await driver.set(key: "a", value: 3, expires: nil)
        let endless = try #require(try await driver.getWithTTL(key: "a", as: Int.self))
        #expect(endless.object == 3 && endless.ttl == nil)
    }

    @Test("of several that create the same key at once, one succeeds")
    func race() async throws {
        let driver = driver
        let created = await withTaskGroup { group in
            for number in 0..<20 {
                group.addTask { (try? await driver.create(key: "a", value: number, expires: nil)) != nil }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(created == 1)
    }
}
