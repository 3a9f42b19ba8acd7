import Larder
import LarderRedis
import LarderRedisTesting
import LarderTesting
import Logging
import RESP
import Testing

@Suite("Logs and leases on servers that stand in for each other", .enabled(if: RedisServer.isInstalled), .serialized)
struct SharedServersLogTests {
    /// One cluster for the checks, which leave it as it was.
    private static let shared = Task { try await RedisCluster.start() }

    private let record = InvalidationRecord(.tags(["a"]), in: "n")

    private func openLog(
        on cluster: RedisCluster,
        _ change: (inout RedisInvalidationLog.Configuration) -> Void = { _ in }
    ) throws -> RedisInvalidationLog {
        try RedisInvalidationLog(on: cluster.servers[0]) {
            $0.cluster = RESPClusterOptions()
            $0.cluster?.seeds = cluster.endpoints
            change(&$0)
        }
    }

    private func openLeases(on cluster: RedisCluster) throws -> RedisLeases {
        var options = RESPClusterOptions()
        options.seeds = cluster.endpoints
        return try RedisLeases(
            configuration: .patient(url: cluster.servers[0].url),
            cluster: options,
            logger: Logger(label: "test")
        )
    }

    /// The primary that has the log.
    private func owner(of slot: Int, in cluster: RedisCluster) async throws -> RedisServer {
        for server in cluster.servers {
            guard try await server.info("replication")["role"] == "master" else { continue }
            if try await server.execute("CLUSTER", "COUNTKEYSINSLOT", .integer(slot)) == .integer(2) { return server }
        }
        throw RedisServerError("no primary has the log")
    }

    @Test("a log on a cluster keeps the promises of a log", arguments: InvalidationLogConformance.checks)
    func conformance(check: InvalidationLogConformance.Check) async throws {
        let cluster = try await Self.shared.value
        let name = "log \(UInt64.random(in: 0...UInt64.max))"
        try await check.run { limit in
            let open: @Sendable () throws -> RedisInvalidationLog = {
                try openLog(on: cluster) {
                    $0.name = name
                    $0.maximumRecords = limit
                }
            }
            return .init(log: try open(), openAnother: { try open() })
        }
    }

    @Test("a journal on a cluster keeps the promises of a journal", arguments: WriteJournalConformance.checks)
    func journal(check: WriteJournalConformance.Check) async throws {
        let cluster = try await Self.shared.value
        var configuration = RedisWriteJournal.Configuration(
            name: "journal \(UInt64.random(in: 0...UInt64.max))",
            connection: try .patient(url: cluster.servers[0].url)
        )
        configuration.cluster = RESPClusterOptions()
        try await check.run { [configuration] in
            try RedisWriteJournal(configuration: configuration, logger: Logger(label: "test"))
        }
    }

    @Test("the move of a log to another shard begins a new epoch, and so does the failover of its shard")
    func shards() async throws {
        let cluster = try await RedisCluster.start()
        let log = try openLog(on: cluster)
        let other = try openLog(on: cluster)
        var end = try await log.append(record)
        let slot = try await cluster.servers[0].execute("CLUSTER", "KEYSLOT", "{larder}:log").integerValue ?? 0
        let source = try await owner(of: slot, in: cluster)
        let target = cluster.servers[0...2].first { $0.port != source.port } ?? source

        try await cluster.beginMoving(slot: slot, from: source, to: target)
        try await cluster.moveKeys(ofSlot: slot, count: 10, from: source, to: target)
        try await cluster.endMoving(slot: slot, from: source, to: target)
        end = try await expectNewEpoch(log, other, after: end)

        target.kill()
        _ = try await expectNewEpoch(log, other, after: end)
        await log.shutdown()
        await other.shutdown()
    }

    @Test("a failover by sentinels begins a new epoch, and leases can be had from the new primary")
    func sentinels() async throws {
        let servers = try await RedisSentinels.start()
        let open: () throws -> RedisInvalidationLog = {
            try RedisInvalidationLog(on: servers.primary) { $0.connection.sentinel = servers.sentinel }
        }
        let (log, other) = (try open(), try open())
        var configuration = try RESPConfiguration.patient(url: servers.primary.url)
        configuration.sentinel = servers.sentinel
        let leases = try RedisLeases(configuration: configuration, logger: Logger(label: "test"))
        let end = try await log.append(record)
        #expect(try await leases.acquire(StoreKey("a"), for: .seconds(600)) != nil)
        servers.primary.kill()
        _ = try await expectNewEpoch(log, other, after: end)
        #expect(try await leases.acquire(StoreKey("b"), for: .seconds(600)) != nil)
        await log.shutdown()
        await other.shutdown()
        await leases.shutdown()
    }

    /// Has one wait who knows the end of the epoch before, and another one append.
    private func expectNewEpoch(
        _ log: RedisInvalidationLog,
        _ other: RedisInvalidationLog,
        after end: LogPosition
    ) async throws -> LogPosition {
        async let batch = log.nextBatch(after: end, patience: .seconds(600))
        let next = try await other.append(record)
        #expect(next.epoch != end.epoch && next.offset > end.offset)
        #expect(try await batch.isAfterGap)
        #expect(try await log.nextBatch(after: end, patience: .zero).position.epoch == next.epoch)
        return next
    }

    @Test("leases exclude and wake across the servers of a cluster, also after a primary was lost")
    func leases() async throws {
        let cluster = try await RedisCluster.start()
        let (one, other) = (try openLeases(on: cluster), try openLeases(on: cluster))
        let keys = (0..<20).map { StoreKey("note:\($0)") }
        for isLost in [false, true] {
            if isLost { cluster.servers[1].kill() }
            for key in keys {
                let lease = try #require(await one.acquire(key, for: .seconds(600)))
                #expect(try await other.acquire(key, for: .seconds(600)) == nil)
                await one.release(lease)
                let next = try #require(await other.acquire(key, for: .seconds(600)))
                await other.release(next)
            }
            let hasEnded = Counter()
            let waiter = Task {
                await other.waitForRelease(of: keys[0], atMost: .seconds(600))
                hasEnded.add()
            }
            // The first messages may come before the subscription.
            while hasEnded.value == 0 {
                if let lease = try await one.acquire(keys[0], for: .seconds(600)) { await one.release(lease) }
                try await Task.sleep(for: .milliseconds(5))
            }
            await waiter.value
        }
        await one.shutdown()
        await other.shutdown()
    }
}
