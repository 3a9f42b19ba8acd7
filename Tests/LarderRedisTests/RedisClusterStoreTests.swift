import Larder
import LarderRedis
import LarderRedisTesting
import LarderTesting
import RESP
import Testing

@Suite("A store on a cluster", .enabled(if: RedisServer.isInstalled), .serialized)
struct RedisClusterStoreTests {
    private func makeStore(
        on cluster: RedisCluster,
        _ change: (inout RedisStore.Configuration) -> Void = { _ in }
    ) throws -> RedisStore {
        try RedisStore(on: cluster.servers[0]) {
            $0.cluster = RESPClusterOptions()
            change(&$0)
        }
    }

    private let keys = (0..<200).map { StoreKey("key:\($0)") }

    @Test("entries lie on all primaries, each batch takes one round trip to each of them, and a failover loses none")
    func batches() async throws {
        let cluster = try await RedisCluster.start()
        let store = try makeStore(on: cluster)
        try await store.setValues(keys.map { StoreWrite(key: $0, bytes: [1], timeToLive: .seconds(60)) })
        for primary in cluster.servers[0..<3] {
            #expect(try await primary.execute("DBSIZE").integerValue ?? 0 > 30)
        }
        #expect(try await store.slots(forKeys: keys).allSatisfy { $0.value != nil })
        #expect(try await store.keys(withPrefix: StoreKey(""), after: nil, limit: 1_000) == keys.sorted())
        #expect(try await store.serverStatistics().count == 3)
        // What the primaries have acknowledged their replicas have; then one of them is lost.
        for primary in cluster.servers[0..<3] {
            try await primary.wait("the replica has it all") { try await $0.execute("WAIT", 1, 0).integerValue == 1 }
        }
        cluster.servers[1].kill()
        #expect(try await store.slots(forKeys: keys).allSatisfy { $0.value != nil })
        #expect(try await store.removeAll(withPrefix: StoreKey("key:1")) == 111)
        await store.shutdown()
    }

    @Test("reads with versions are answered by primaries, even where replicas answer the others")
    func fencedReads() async throws {
        let cluster = try await RedisCluster.start()
        let store = try makeStore(on: cluster) { $0.cluster?.readsFromReplicas = true }
        try await store.setValues(keys.map { StoreWrite(key: $0, bytes: [1], timeToLive: .seconds(60)) })
        for server in cluster.servers { try await server.execute("CONFIG", "RESETSTAT") }
        _ = try await store.slots(forKeys: keys)
        _ = try await store.slots(forKeys: [keys[0]])
        for replica in cluster.servers[3...] {
            let commands = try await replica.info("commandstats")
            #expect(commands["cmdstat_mget"] == nil && commands["cmdstat_getrange"] == nil)
        }
        for key in keys.prefix(30) { _ = try await store.value(forKey: key) }
        var reads = 0
        for replica in cluster.servers[3...] {
            reads += try await replica.info("commandstats")["cmdstat_getrange"] == nil ? 0 : 1
        }
        #expect(reads == 3)
        await store.shutdown()
    }
}
