import LarderRedisTesting
import LarderTesting
import RESP
import Testing

@Suite("Sentinels", .enabled(if: RedisServer.isInstalled))
struct RESPSentinelTests {
    private let set = RESPCommand("SET", "key", "value", isRepeatable: true)

    private func connect(_ sentinel: RESPSentinel, events: Events? = nil) throws -> RESPConnection {
        try RESPConnection.connect("redis://127.0.0.1:1", events: events) { $0.sentinel = sentinel }
    }

    @Test("a connection finds the primary, and the one that takes its place when it is lost")
    func failover() async throws {
        let servers = try await RedisSentinels.start()
        let connection = try connect(servers.sentinel)
        #expect(try await connection.execute(set) == .text("OK"))
        #expect(try await servers.primary.execute("GET", "key").string == "value")
        servers.primary.kill()
        // The call waits until the replica has been promoted.
        #expect(try await connection.execute(RESPCommand("SET", "key", "new", isRepeatable: true)) == .text("OK"))
        #expect(try await servers.replica.execute("GET", "key").string == "new")
        await connection.close()
    }

    @Test("a primary that was made a replica is left at the first write that it refuses")
    func demotion() async throws {
        let servers = try await RedisSentinels.start()
        let connection = try connect(servers.sentinel)
        #expect(try await connection.execute(set) == .text("OK"))
        try await servers.sentinels[0].execute("SENTINEL", "FAILOVER", "main")
        try await servers.primary.wait("the primary is a replica") {
            try await $0.info("replication")["role"] == "slave"
        }
        #expect(try await connection.execute(RESPCommand("SET", "key", "new", isRepeatable: true)) == .text("OK"))
        #expect(try await servers.replica.execute("GET", "key").string == "new")
        await connection.close()
    }

    @Test("a sentinel that says wrong things is outvoted, and a server that is no primary is not used")
    func wrongSentinels() async throws {
        let primary = try await RedisServer.start()
        let replica = try await RedisServer.start(following: primary)
        let sentinels = try await withThrowingTaskGroup(of: ScriptedServer.self) { group in
            for port in [replica.port, primary.port, primary.port] {
                group.addTask {
                    try await ScriptedServer.start { request in
                        guard request.words.first == "SENTINEL" else { return nil }
                        return [.send("*2\r\n$9\r\n127.0.0.1\r\n$\("\(port)".utf8.count)\r\n\(port)\r\n")]
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let endpoints = try sentinels.map { try RESPConfiguration(url: $0.url).endpoint }
        let connection = try connect(RESPSentinel("main", at: endpoints))
        #expect(try await connection.execute(set) == .text("OK"))
        await connection.close()
        let events = Events()
        let wrong = try await ScriptedServer.start { request in
            guard request.words.first == "SENTINEL" else { return nil }
            return [.send("*2\r\n$9\r\n127.0.0.1\r\n$\("\(replica.port)".utf8.count)\r\n\(replica.port)\r\n")]
        }
        let misled = try connect(RESPSentinel("main", at: [RESPConfiguration(url: wrong.url).endpoint]), events: events)
        #expect(await events.disconnected()?.code == .connectionFailed)
        await misled.close()
    }

    @Test("without a sentinel that answers, calls wait no longer than their timeout")
    func nobody() async throws {
        let server = try await ScriptedServer.start { _ in [.send("*-1\r\n")] }
        let endpoint = try RESPConfiguration(url: server.url).endpoint
        let connection = try RESPConnection.connect("redis://127.0.0.1:1") {
            $0.sentinel = RESPSentinel("main", at: [endpoint])
            $0.timeout = .milliseconds(50)
        }
        #expect(await errorCode { try await connection.execute(set) } == .timedOut)
        await connection.close()
        try await server.close()
    }
}
