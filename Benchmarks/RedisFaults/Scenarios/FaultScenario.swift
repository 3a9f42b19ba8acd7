import Larder
import LarderRedis
package import LarderRedisTesting
import LarderTesting
import Logging
import RESP

/// Something that happens to the servers of a store, with servers of its own.
package struct FaultScenario: Sendable {
    /// What it is called in the table.
    package let name: String

    /// Starts servers, lets it happen under a load, and stops them.
    package let run: @Sendable (FaultLoad) async throws -> FaultLoad.Outcome

    /// All scenarios, from simple to involved.
    package static let all = [
        restart, suspension(.seconds(5)), spoiledReply("cut_reply", .cut), spoiledReply("garbage", .garbage),
        ringNode, migration, clusterFailover, promotion,
    ]

    private static let logger = Logger(label: "faults") { _ in SwiftLogNoOpLogHandler() }

    private static func makeStore(
        _ endpoint: RESPEndpoint,
        _ change: (inout RedisStore.Configuration) -> Void = { _ in }
    ) throws -> RedisStore {
        var configuration = RedisStore.Configuration(connection: RESPConfiguration(endpoint))
        configuration.connection.timeout = .milliseconds(500)
        configuration.connection.connectTimeout = .milliseconds(500)
        change(&configuration)
        return try RedisStore(configuration: configuration, logger: logger)
    }

    /// The server is killed, and started again a little later; it is empty then.
    package static let restart = FaultScenario(name: "restart") { load in
        let server = try await RedisServer.start()
        let store = try makeStore(server.endpoint)
        let outcome = try await load.run(on: store) {
            server.kill()
            try await Task.sleep(for: .milliseconds(300))
            try await server.start()
        }
        await store.shutdown()
        return outcome
    }

    /// The server hangs.
    package static func suspension(_ duration: Duration) -> FaultScenario {
        FaultScenario(name: "suspension") { load in
            let server = try await RedisServer.start()
            let store = try makeStore(server.endpoint)
            let outcome = try await load.run(on: store) {
                server.suspend()
                try await Task.sleep(for: duration)
                server.resume()
            }
            await store.shutdown()
            return outcome
        }
    }

    /// Replies are spoiled on their way, a few times in a row.
    package static func spoiledReply(_ name: String, _ fault: FaultyProxy.Fault) -> FaultScenario {
        FaultScenario(name: name) { load in
            let server = try await RedisServer.start()
            let proxy = try await FaultyProxy.start(before: server.endpoint)
            let store = try makeStore(proxy.endpoint)
            let outcome = try await load.run(on: store) {
                for _ in 0..<5 {
                    proxy.spoilNextReply(fault)
                    try await Task.sleep(for: .milliseconds(100))
                }
            }
            await store.shutdown()
            try await proxy.close()
            return outcome
        }
    }

    /// One of three servers of a ring is lost and comes back.
    package static let ringNode = FaultScenario(name: "ring_node") { load in
        var servers: [RedisServer] = []
        for _ in 0..<3 { servers.append(try await RedisServer.start()) }
        let members = try servers.enumerated()
            .map { RedisRing.Member(name: "node-\($0)", store: try makeStore($1.endpoint)) }
        let ring = try RedisRing(members, probeInterval: .milliseconds(100), logger: logger)
        let outcome = try await load.run(on: ring) {
            servers[1].kill()
            try await Task.sleep(for: .seconds(1))
            try await servers[1].start()
        }
        await ring.shutdown()
        return outcome
    }

    /// Slots with keys move from one server of a cluster to another.
    package static let migration = FaultScenario(name: "slot_migration") { load in
        let cluster = try await RedisCluster.start(hasReplicas: false)
        let store = try makeStore(cluster.endpoints[0]) { $0.cluster = RESPClusterOptions() }
        let (source, target) = (cluster.servers[0], cluster.servers[1])
        let outcome = try await load.run(on: store) {
            for slot in 0..<100 {
                try await cluster.beginMoving(slot: slot, from: source, to: target)
                while try await cluster.moveKeys(ofSlot: slot, count: 100, from: source, to: target) > 0 {}
                try await cluster.endMoving(slot: slot, from: source, to: target)
            }
        }
        await store.shutdown()
        return outcome
    }

    /// A primary of a cluster is killed, and its replica takes over; the fault is over with the promotion.
    package static let clusterFailover = FaultScenario(name: "cluster_failover") { load in
        let cluster = try await RedisCluster.start(nodeTimeout: 1_000)
        let store = try makeStore(cluster.endpoints[1]) { $0.cluster = RESPClusterOptions() }
        let outcome = try await load.run(on: store) {
            cluster.servers[0].kill()
            try await cluster.servers[3].waitUntilPrimary()
        }
        await store.shutdown()
        return outcome
    }

    /// A primary that sentinels watch is killed when its replica lacks the last writes; the fault is over with the
    /// promotion.
    package static let promotion = FaultScenario(name: "promotion_without_last_writes") { load in
        let servers = try await RedisSentinels.start(patience: 500)
        let store = try makeStore(servers.primary.endpoint) { $0.connection.sentinel = servers.sentinel }
        let outcome = try await load.run(on: store) {
            servers.replica.suspend()
            let last = (0..<100).map { StoreWrite(key: StoreKey("last:\($0)"), bytes: [1], timeToLive: .seconds(60)) }
            try await store.setValues(last)
            servers.primary.kill()
            servers.replica.resume()
            try await servers.replica.waitUntilPrimary()
        }
        await store.shutdown()
        return outcome
    }
}

extension RedisServer {
    fileprivate func waitUntilPrimary() async throws {
        try await wait("the replica is the primary") { try await $0.info("replication")["role"] == "master" }
    }
}
