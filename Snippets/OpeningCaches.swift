// Declares a namespace, opens it, and reads through it.

import Larder
import LarderSQLite

// snippet.hide
struct Database: Sendable {
    func user(_ id: Int) async throws -> User? { User(id: id, name: "Ada") }
    func users(_ ids: [Int]) async throws -> [Int: User] { [:] }
}
// snippet.show
struct User: Codable, Sendable {
    var id: Int
    var name: String
}

extension CacheNamespace where Key == Int, Value == User {
    static var users: Self {
        Self("users", policy: CachePolicy(timeToLive: .seconds(60), grace: .seconds(600)))
    }
}

func example(database: Database) async throws {
    let caches = try CacheSystem(store: SQLiteStore(path: "cache.sqlite"))
    let users = try caches.cache(.users)

    // The value, or nil where the database has none; both are remembered.
    let user = try await users.valueIfPresent(forKey: 7) { id in try await database.user(id) }

    // One round trip to the store, one query for what is missing.
    let team = try await users.values(forKeys: [7, 8, 9]) { ids in try await database.users(ids) }

    // Memory alone, without suspending.
    let cached = users.cachedValue(forKey: 7)

    // After the database was changed.
    try await users.removeValue(forKey: 7)
    // snippet.hide
    _ = (user, team, cached)
}
