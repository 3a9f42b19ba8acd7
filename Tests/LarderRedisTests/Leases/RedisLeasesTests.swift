import Larder
import LarderRedis
import LarderTesting
import Logging
import RESP
import Testing

@Suite("RedisLeases", .enabled(if: RedisServer.isInstalled))
struct RedisLeasesTests {
    private let key = StoreKey("note:7")

    private func leases(_ server: RedisServer) throws -> RedisLeases {
        var configuration = try RESPConfiguration(url: server.url)
        configuration.timeout = .seconds(120)
        return try RedisLeases(configuration: configuration, logger: Logger(label: "test"))
    }

    @Test("one of two gets a lease, the other one when it was released, and nobody takes it with another token")
    func exclusion() async throws {
        let server = try await RedisServer.start()
        let (one, other) = (try leases(server), try leases(server))
        let lease = try #require(await one.acquire(key, for: .seconds(600)))
        #expect(try await other.acquire(key, for: .seconds(600)) == nil)
        await other.release(LoadLease(key: key))
        #expect(try await other.acquire(key, for: .seconds(600)) == nil)
        await one.release(lease)
        #expect(try await other.acquire(key, for: .seconds(600)) != nil)
        let life = try await server.execute(RESPCommand("PTTL", "larder:lease:note:7")).integerValue ?? 0
        #expect(life > 0 && life <= 600_000)
        await one.shutdown()
        await other.shutdown()
    }

    @Test("who waits is woken by the release, and by the loss of the connection that tells of it")
    func waking() async throws {
        let server = try await RedisServer.start()
        let (one, other) = (try leases(server), try leases(server))
        for isLost in [false, true] {
            let lease = try #require(await one.acquire(key, for: .seconds(600)))
            async let wait: Void = other.waitForRelease(of: key, atMost: .seconds(600))
            // The first messages may come before the subscription, so that they are said again.
            let speaker = Task {
                while !Task.isCancelled {
                    if isLost {
                        _ = try? await server.execute(RESPCommand("CLIENT", "KILL", "TYPE", "pubsub"))
                    } else {
                        await one.release(lease)
                        _ = try? await server.execute(
                            RESPCommand("PUBLISH", "larder:lease:released", "larder:lease:note:7")
                        )
                    }
                }
            }
            await wait
            speaker.cancel()
            await speaker.value
            await one.release(lease)
        }
        await one.shutdown()
        await other.shutdown()
    }

    @Test("two systems on one server load each key once")
    func fleet() async throws {
        let server = try await RedisServer.start()
        let loads = Counter()
        // Nobody may lose patience on a machine that is busy.
        let long = Duration.seconds(3_600)
        let policy = CachePolicy(timeToLive: long * 10, softTimeout: long, hardTimeout: long, loadDeadline: long)
        var namespace = CacheNamespace<Int, Int>("values", policy: policy)
        var rules = LeaseRules()
        rules.patience = long
        namespace.leases = rules
        let systems = try (0..<2)
            .map { _ in
                var configuration = CacheSystem.Configuration()
                configuration.storeTimeout = long
                configuration.maximumSilence = long
                configuration.storeBreaker = nil
                return try CacheSystem(
                    store: RedisStore(on: server),
                    log: RedisInvalidationLog(on: server),
                    leases: leases(server),
                    configuration: configuration
                )
            }
        let caches = try systems.map { try $0.cache(namespace) }
        await withTaskGroup { group in
            for key in 0..<50 {
                for cache in caches {
                    group.addTask {
                        let value = try? await cache.value(forKey: key) { key in
                            loads.add()
                            try await Task.sleep(for: .milliseconds(1))
                            return key
                        }
                        #expect(value == key)
                    }
                }
            }
        }
        #expect(loads.value == 50)
        for system in systems { await system.shutdown() }
    }
}
