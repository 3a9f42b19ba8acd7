import Larder
import LarderRedis
import LarderRedisTesting
import LarderTesting
import Logging
import RESP
import Testing

@Suite("RedisStore as a store", .enabled(if: RedisServer.isInstalled), .serialized)
struct RedisStoreConformanceTests {
    /// What the store is on.
    enum Deployment: CaseIterable {
        case server
        case serverOfVersion2
        case ring
        case cluster
    }

    /// Started once; the checks tell their entries apart by a prefix.
    private static let cluster = Task { try await RedisCluster.start(hasReplicas: false) }
    private static let servers = Task { [try await RedisServer.start(), try await RedisServer.start()] }

    @Test("keeps the promises of a store", arguments: RemoteStoreConformance.checks, Deployment.allCases)
    func conformance(check: RemoteStoreConformance.Check, deployment: Deployment) async throws {
        // The clock of a server cannot be stopped: where the machine stalled for longer than the tolerance, the check
        // says nothing, and is made again.
        let tolerance = Duration.milliseconds(100)
        for attempt in 1...5 {
            var failure: (any Error)?
            let elapsed = await ContinuousClock()
                .measure {
                    do { try await run(check, tolerance, deployment) } catch { failure = error }
                }
            guard let failure else { return }
            guard elapsed > tolerance, attempt < 5 else { throw failure }
        }
    }

    private func run(
        _ check: RemoteStoreConformance.Check,
        _ tolerance: Duration,
        _ deployment: Deployment
    ) async throws {
        let servers = try await deployment == .cluster ? Self.cluster.value.servers : Self.servers.value
        try await check.run {
            .init(store: try makeStore(on: servers, deployment), timeTolerance: tolerance) { duration in
                for server in servers { try await server.advanceTime(by: duration) }
            }
        }
    }

    private func makeStore(on servers: [RedisServer], _ deployment: Deployment) throws -> any RemoteStore {
        let prefix = "check:\(UInt64.random(in: 0...UInt64.max)):"
        func store(_ server: RedisServer) throws -> RedisStore {
            try RedisStore(on: server) {
                $0.keyPrefix = prefix
                if deployment == .cluster { $0.cluster = RESPClusterOptions() }
                if deployment == .serverOfVersion2 { $0.connection.protocolVersion = 2 }
            }
        }
        guard deployment == .ring else { return try store(servers[0]) }
        let members = try servers.enumerated().map { RedisRing.Member(name: "node-\($0)", store: try store($1)) }
        return try RedisRing(members, logger: Logger(label: "test"))
    }
}
