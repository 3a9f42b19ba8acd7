import Larder
import LarderSQLite

struct User: Codable, Sendable { var name: String }

let caches = try CacheSystem(store: SQLiteStore(path: "cache.sqlite"))
let users = try caches.cache(CacheNamespace<Int, User>("users", policy: CachePolicy(timeToLive: .seconds(60))))

let user = try await users.value(forKey: 7) { id in User(name: "user \(id)") }  // loads on a miss, once for all callers
print(user.name)  // user 7, or for a minute after the first run: Grace
try await users.setValue(User(name: "Grace"), forKey: 7)  // writes the store, then memory
print(users.cachedValue(forKey: 7)?.name ?? "nothing in memory")  // Grace, without suspending
await caches.shutdown()
