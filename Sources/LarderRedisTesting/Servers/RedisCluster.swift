public import LarderTesting
public import RESP

/// A cluster of real `redis-server` processes on free ports, by default of three primaries with a replica each.
///
/// The servers know each other from the start, by the file in which a server keeps what it knows of its cluster, so that
/// they need not get acquainted first; still, a primary takes its time of 2 s before it answers.
///
/// ```swift
/// let cluster = try await RedisCluster.start()
/// let client = try RESPCluster(RESPConfiguration(cluster.endpoints[0]))
/// ```
public final class RedisCluster: Sendable {
    /// The primaries, then the replicas: that of the first primary, that of the second one, and so on.
    public let servers: [RedisServer]

    /// How many of the servers are primaries at first.
    public let primaryCount: Int

    private init(servers: [RedisServer], primaryCount: Int) {
        self.servers = servers
        self.primaryCount = primaryCount
    }

    /// Where the servers listen.
    public var endpoints: [RESPEndpoint] { servers.map(\.endpoint) }

    /// Starts the servers and waits until the cluster takes commands.
    ///
    /// - Parameters:
    ///   - primaries: How many servers share the slots.
    ///   - hasReplicas: Whether each of them has a replica.
    ///   - nodeTimeout: After how many milliseconds of silence a server counts as gone.
    /// - Returns: The cluster.
    /// - Throws: `RedisServerError` if a server does not start.
    public static func start(
        primaries: Int = 3,
        hasReplicas: Bool = true,
        nodeTimeout: Int = 500
    ) async throws -> RedisCluster {
        var attempts = 0
        while true {
            do {
                return try await attempt(primaries, hasReplicas, nodeTimeout)
            } catch {
                // Another process may have taken one of the ports in the meantime.
                attempts += 1
                if attempts == 3 { throw error }
            }
        }
    }

    private static func attempt(_ primaries: Int, _ hasReplicas: Bool, _ nodeTimeout: Int) async throws -> RedisCluster
    {
        let plan = try Plan(primaries: primaries, replicas: hasReplicas ? primaries : 0)
        let servers = try await withThrowingTaskGroup(of: (Int, RedisServer).self) { group in
            for index in plan.nodes.indices {
                group.addTask {
                    let node = plan.nodes[index]
                    let options = [
                        "--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-port",
                        "\(node.busPort)", "--cluster-node-timeout", "\(nodeTimeout)", "--repl-diskless-sync-delay",
                        "0",
                        "--cluster-replica-validity-factor", "0", "--cluster-allow-replica-migration", "no",
                    ]
                    let files = ["nodes.conf": plan.file(of: index)]
                    return (index, try await RedisServer.start(onPort: node.port, options: options, files: files))
                }
            }
            var servers: [(Int, RedisServer)] = []
            for try await server in group { servers.append(server) }
            return servers.sorted { $0.0 < $1.0 }.map(\.1)
        }
        let cluster = RedisCluster(servers: servers, primaryCount: primaries)
        try await cluster.waitUntilReady()
        return cluster
    }

    /// Waits until all servers see the cluster as whole, and all replicas have the data of their primaries.
    ///
    /// - Throws: `RedisServerError` if that is not so within 20 s.
    public func waitUntilReady() async throws {
        for server in servers {
            try await server.wait("the cluster is whole") { server in
                let state = RedisServer.fields(try await server.execute("CLUSTER", "INFO"))["cluster_state"]
                let replication = try await server.info("replication")
                return state == "ok" && (replication["role"] == "master" || replication["master_link_status"] == "up")
            }
        }
    }
}

extension RedisCluster {
    /// What each server is to know of all of them.
    private struct Plan: Sendable {
        struct Node: Sendable {
            var name: String
            var port: Int
            var busPort: Int
            var slots: ClosedRange<Int>?
            var primary: String?
        }

        var nodes: [Node] = []

        init(primaries: Int, replicas: Int) throws {
            let ports = try FreePort.find(2 * (primaries + replicas))
            for index in 0..<primaries + replicas {
                var node = Node(
                    name: String(repeating: "0", count: 36) + String(1_000 + index),
                    port: ports[2 * index],
                    busPort: ports[2 * index + 1]
                )
                if index < primaries {
                    node.slots = index * 16_384 / primaries...(index + 1) * 16_384 / primaries - 1
                } else {
                    node.primary = nodes[(index - primaries) % primaries].name
                }
                nodes.append(node)
            }
        }

        /// The file in the format that servers write themselves.
        func file(of index: Int) -> String {
            var lines = nodes.enumerated()
                .map { place, node in
                    let role = (place == index ? "myself," : "") + (node.primary == nil ? "master" : "slave")
                    let slots = node.slots.map { " \($0.lowerBound)-\($0.upperBound)" } ?? ""
                    return "\(node.name) 127.0.0.1:\(node.port)@\(node.busPort) \(role) \(node.primary ?? "-") 0 0 "
                        + "\(epoch(of: node)) connected\(slots)"
                }
            lines.append("vars currentEpoch \(nodes.count) lastVoteEpoch 0")
            return lines.joined(separator: "\n") + "\n"
        }

        /// A replica has the epoch of its primary.
        private func epoch(of node: Node) -> Int {
            (nodes.firstIndex { $0.name == node.primary ?? node.name } ?? 0) + 1
        }
    }
}
