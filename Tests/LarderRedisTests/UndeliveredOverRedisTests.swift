import Foundation
import Larder
import LarderRedis
import LarderSQLite
import LarderTesting
import Logging
import RESP
import Testing

@Suite(
    "Invalidations that a Redis server could not take",
    .enabled(if: RedisServer.isInstalled),
    .timeLimit(.minutes(10))
)
struct UndeliveredOverRedisTests {
    private static let long = Duration.seconds(3_600)

    private let path = NSTemporaryDirectory() + "/larder-undelivered-\(UUID().uuidString).sqlite"

    /// Starts a process, whose calls fail soon while the server is away.
    private func node(_ server: RedisServer, hasQueue: Bool = true) throws -> (CacheSystem, TieredCache<Int, String>) {
        var connection = try RESPConfiguration(url: server.url)
        connection.timeout = hasQueue ? .milliseconds(200) : Self.long
        connection.longestBackoff = .milliseconds(20)
        var log = RedisInvalidationLog.Configuration(connection: connection)
        log.connection.timeout = connection.timeout
        var configuration = CacheSystem.Configuration()
        configuration.maximumSilence = .seconds(3_600)
        configuration.storeTimeout = .seconds(10)
        configuration.storeBreaker = nil
        let logger = Logger(label: "test")
        let system = try CacheSystem(
            store: RedisStore(configuration: RedisStore.Configuration(connection: connection), logger: logger),
            log: RedisInvalidationLog(configuration: log, logger: logger),
            undelivered: hasQueue ? SQLiteInvalidationQueue(path: path) : nil,
            configuration: configuration,
            logger: logger
        )
        let policy = CachePolicy(timeToLive: Self.long, grace: Self.long, jitter: 0, hardTimeout: Self.long)
        return (system, try system.cache(CacheNamespace("values", policy: policy)))
    }

    private func load(_ cache: TieredCache<Int, String>, _ value: String) async throws -> String? {
        try await cache.result(forKey: 1) { _, context in
            context.tags = ["x"]
            return .value(value)
        }
        .value
    }

    /// Reads until the value is kept.
    private func warm(_ cache: TieredCache<Int, String>, _ value: String) async throws {
        while cache.cachedValue(forKey: 1) == nil {
            _ = try await load(cache, value)
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private func expectDenial(_ cache: TieredCache<Int, String>) async throws {
        for value in ["first", "second"] {
            #expect(try await load(cache, value) == value)
            #expect(cache.cachedValue(forKey: 1) == nil)
        }
    }

    @Test("what was invalidated while the server was away is delivered once it is back, by the next process")
    func restart() async throws {
        defer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) } }
        let server = try await RedisServer.start()
        do {
            // Never shut down, as if it were killed. The server starts again with what it saves here.
            let (_, first) = try node(server)
            try await warm(first, "old")
            try await server.execute(RESPCommand("SAVE"))
            server.kill()
            await #expect(throws: CacheError.self) { try await first.removeValue(forKey: 1) }
            await #expect(throws: CacheError.self) { try await first.removeAll(tagged: "x") }
            try await expectDenial(first)
        }
        // The server is still away.
        let (system, next) = try node(server)
        try await expectDenial(next)
        try await server.start()
        try await warm(next, "new")
        #expect(next.cachedValue(forKey: 1) == "new")
        let (otherSystem, other) = try node(server, hasQueue: false)
        #expect(try await load(other, "") == "new")
        let queue = try SQLiteInvalidationQueue(path: path)
        while try await !queue.contents().isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        await queue.close()
        await system.shutdown()
        await otherSystem.shutdown()
    }
}
