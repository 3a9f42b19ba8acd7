import LarderRedisTesting
import LarderTesting
import Logging
import NIOConcurrencyHelpers
import Testing

@testable import RESP

@Suite("A real cluster", .enabled(if: RedisServer.isInstalled), .serialized)
struct RESPClusterTests {
    /// One cluster for the tests that leave it as it was; the servers end with the process.
    private static let shared = Task { try await RedisCluster.start() }

    private func connect(
        _ cluster: RedisCluster,
        _ change: (inout RESPConfiguration, inout RESPClusterOptions) -> Void = { _, _ in }
    ) throws -> RESPCluster {
        var configuration = RESPConfiguration(cluster.endpoints[0])
        configuration.timeout = .seconds(300)
        var options = RESPClusterOptions()
        change(&configuration, &options)
        return try RESPCluster(configuration, options: options, logger: Logger(label: "test"))
    }

    private func keys(_ range: Range<Int>) -> [RESPArgument] { range.map { .text("key:\($0)") } }

    private func set(_ key: RESPArgument, _ value: RESPArgument = "value") -> RESPCommand {
        RESPCommand("SET", key, value, isRepeatable: true)
    }

    @Test("commands of many keys go to their servers, and the replies come in order")
    func batches() async throws {
        let cluster = try await Self.shared.value
        let client = try connect(cluster)
        let keys = keys(0..<300)
        let written = try await client.execute(keys.enumerated().map { set($1, .integer($0)) })
        #expect(written == keys.map { _ in .text("OK") })
        let read = try await client.execute(keys.map { RESPCommand("GET", $0, isRepeatable: true) })
        #expect(read.map(\.string) == keys.indices.map { "\($0)" })
        var sizes: [Int] = []
        for server in try await client.primaries() {
            sizes.append(try await server.execute(RESPCommand("DBSIZE")).integerValue ?? 0)
        }
        #expect(sizes.count == 3 && sizes.reduce(0, +) >= 300 && sizes.allSatisfy { $0 > 50 }, "\(sizes)")
        await client.close()
    }

    @Test("the slots of keys are those that the servers compute")
    func slots() async throws {
        let server = try await Self.shared.value.servers[0]
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SplitMix64(seed: seed)
        for _ in 0..<50 {
            let key = (0..<Int.random(in: 0...20, using: &generator))
                .map { _ in
                    Array("ab{}\u{e9}".utf8).randomElement(using: &generator) ?? 0
                }
            let slot = try await server.execute("CLUSTER", "KEYSLOT", .bytes(key)).integerValue
            #expect(KeySlot.slot(of: key) == slot, "The seed is \(seed).")
        }
    }

    @Test("a script runs on the server of its key, which gets its text if it does not have it")
    func scripts() async throws {
        let client = try connect(try await Self.shared.value)
        let script = RESPScript("return {KEYS[1], ARGV[1], '\(UInt64.random(in: 0...UInt64.max))'}")
        let calls = keys(0..<20).map { RESPScript.Call(keys: [$0], arguments: ["argument"]) }
        let replies = try await client.execute(script, calls: calls)
        #expect(replies.map { $0.elements?.first?.string } == (0..<20).map { "key:\($0)" })
        await client.close()
    }

    @Test("keys are divided so that one command may touch all of a part")
    func parts() async throws {
        let client = try connect(try await Self.shared.value)
        let keys = ["a", "{a}b", "foo", "x{a}"].map { Array($0.utf8) }
        let parts = client.parts(of: keys)
        #expect(parts == [[0, 1, 3], [2]])
        for part in parts {
            let command = RESPCommand("MGET", arguments: part.map { .bytes(keys[$0]) })
            #expect(try await client.execute(command).elements?.count == part.count)
        }
        await client.close()
    }

    @Test("while a slot is moving each key is found, where it is and where it was; then at its new server")
    func movingSlot() async throws {
        let cluster = try await Self.shared.value
        let client = try connect(cluster)
        // The slot of the tag `b` is 3,300, which the first server owns.
        let keys = (0..<20).map { RESPArgument.text("{b}:\($0)") }
        let reads = keys.map { RESPCommand("GET", $0, isRepeatable: true) }
        let several = RESPCommand("MGET", arguments: keys, isRepeatable: true)
        for key in keys { _ = try await client.execute(set(key)) }
        let (source, target) = (cluster.servers[0], cluster.servers[1])
        try await cluster.beginMoving(slot: 3_300, from: source, to: target)
        try await cluster.moveKeys(ofSlot: 3_300, count: 10, from: source, to: target)
        #expect(try await client.execute(reads).allSatisfy { $0.string == "value" })
        // Half of the keys are on each server: the command is tried again until they are together.
        async let together = client.execute(several)
        try await cluster.moveKeys(ofSlot: 3_300, count: 100, from: source, to: target)
        #expect(try await together.elements?.compactMap(\.string).count == 20)
        try await cluster.endMoving(slot: 3_300, from: source, to: target)
        #expect(try await client.execute(reads).allSatisfy { $0.string == "value" })
        #expect(client.state.withLockedValue { $0.topology?.shard(ofSlot: 3_300)?.primary } == target.endpoint)
        try await cluster.beginMoving(slot: 3_300, from: target, to: source)
        try await cluster.moveKeys(ofSlot: 3_300, count: 100, from: target, to: source)
        try await cluster.endMoving(slot: 3_300, from: target, to: source)
        await client.close()
    }

    @Test("replicas answer what may be behind where that is wanted")
    func replicas() async throws {
        let cluster = try await Self.shared.value
        let client = try connect(cluster) { $1.readsFromReplicas = true }
        _ = try await client.execute(set("foo"))
        // Waits until the replica of the third server, which owns the slot of `foo`, has the value.
        try await cluster.servers[2]
            .wait("the replica has the value") { primary in
                try await primary.execute("WAIT", 1, 0).integerValue == 1
            }
        var read = RESPCommand("GET", "foo", isRepeatable: true)
        read.isForReplicas = true
        try await cluster.servers[5].execute("CONFIG", "RESETSTAT")
        #expect(try await client.execute(read).string == "value")
        #expect(try await cluster.servers[5].info("commandstats")["cmdstat_get"] != nil)
        try await cluster.servers[5].execute("CONFIG", "RESETSTAT")
        read.isForReplicas = false
        #expect(try await client.execute(read).string == "value")
        #expect(try await cluster.servers[5].info("commandstats")["cmdstat_get"] == nil)
        await client.close()
    }

    @Test("blocking commands go through a client of their own")
    func blocking() async throws {
        let client = try connect(try await Self.shared.value)
        let reader = try client.dedicated(timeout: .seconds(300))
        var read = RESPCommand("XREAD", "BLOCK", 0, "STREAMS", "stream", "$", isRepeatable: true)
        read.keyPosition = 3
        let entries = try await withThrowingTaskGroup(of: Void.self) { group in
            // The reader sees only what is added once it waits.
            group.addTask {
                while !Task.isCancelled {
                    _ = try await client.execute(RESPCommand("XADD", "stream", "*", "field", "value"))
                    try? await Task.sleep(for: .milliseconds(5))
                }
            }
            defer { group.cancelAll() }
            return try await reader.execute(read)
        }
        #expect(entries["stream"] != nil)
        await reader.close()
        await client.close()
    }

    @Test("no server at all is an error that says so, within the timeout")
    func nobody() async throws {
        let server = try await RedisServer.start()
        let endpoint = server.endpoint
        server.kill()
        var configuration = RESPConfiguration(endpoint)
        configuration.timeout = .milliseconds(100)
        let client = try RESPCluster(configuration, logger: Logger(label: "test"))
        await #expect { try await client.execute(RESPCommand("PING")) } throws: {
            ($0 as? RESPError)?.code == .connectionFailed
        }
        await client.close()
        await #expect { try await client.execute(RESPCommand("PING")) } throws: { ($0 as? RESPError)?.code == .closed }
    }

    @Test("when a primary is lost its replica takes over, and calls that waited reach it")
    func failover() async throws {
        let cluster = try await RedisCluster.start()
        let client = try connect(cluster)
        let keys = keys(0..<60)
        _ = try await client.execute(keys.map { set($0) })
        cluster.servers[0].kill()
        // Calls wait until the replica has been promoted, and none fails.
        let replies = try await client.execute(keys.map { set($0, "new") })
        #expect(replies == keys.map { _ in .text("OK") })
        #expect(try await client.primaries().map(\.endpoint).contains(cluster.servers[3].endpoint))
        // The old primary comes back as a replica, and says where to go to who asks it.
        try await cluster.servers[0].start()
        try await cluster.waitUntilReady()
        let late = try connect(cluster)
        #expect(try await late.execute(keys.map { RESPCommand("GET", $0) }).allSatisfy { $0.string == "new" })
        await late.close()
        await client.close()
    }
}
