import LarderTesting
import Logging
import RESP
import Testing

@Suite("A connection to a real server", .enabled(if: RedisServer.isInstalled))
struct RESPConnectionTests {
    @Test("values of all sizes come back as they were sent", arguments: [2, 3])
    func values(version: Int) async throws {
        let server = try await RedisServer.start()
        let connection = try RESPConnection.connect(server.url) { $0.protocolVersion = version }
        for size in [0, 1, 100, 16_384, 65_536, 1_000_000, 20_000_000] {
            let value = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let stored = try await connection.execute(RESPCommand("SET", "key", .bytes(value)))
            #expect(stored == .text("OK"))
            let read = try await connection.execute(RESPCommand("GET", "key"))
            #expect(read.stringBytes == value, "a value of \(size) bytes")
        }
        #expect(try await connection.execute(RESPCommand("GET", "absent")) == .null)
        await connection.close()
    }

    @Test("many tasks that share the connection get their own replies")
    func sharing() async throws {
        let server = try await RedisServer.start()
        let connection = try RESPConnection.connect(server.url)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<200 {
                group.addTask {
                    for round in 0..<50 {
                        let text = "\(task):\(round)"
                        let reply = try await connection.execute(RESPCommand("ECHO", .text(text)))
                        try #require(reply.string == text)
                    }
                }
            }
            try await group.waitForAll()
        }
        await connection.close()
    }

    @Test("a pipeline answers in order, errors among the replies")
    func pipelines() async throws {
        let server = try await RedisServer.start()
        let connection = try RESPConnection.connect(server.url)
        let replies = try await connection.execute(
            RESPPipeline([
                RESPCommand("SET", "key", "text"), RESPCommand("INCR", "key"), RESPCommand("GET", "key"),
            ])
        )
        #expect(replies.map(\.string) == ["OK", nil, "text"])
        guard case .error(let error) = replies[1] else { return #expect(Bool(false), "no error") }
        #expect(error.kind == "ERR")
        #expect(try await connection.execute(RESPPipeline()) == [])
        await connection.close()
    }

    @Test("an error of the server is thrown, and the connection goes on")
    func serverErrors() async throws {
        let server = try await RedisServer.start()
        let connection = try RESPConnection.connect(server.url)
        #expect(await errorCode { try await connection.execute(RESPCommand("NOSUCHCOMMAND")) } == .serverError)
        #expect(try await connection.execute(RESPCommand("PING")) == .text("PONG"))
        await connection.close()
    }

    @Test("a script is loaded once, and again after the server has forgotten it")
    func scripts() async throws {
        let server = try await RedisServer.start()
        let connection = try RESPConnection.connect(server.url)
        let script = RESPScript("return {KEYS[1], ARGV[1]}")
        for _ in 0..<2 {
            for _ in 0..<2 {
                let reply = try await connection.execute(script, keys: ["a"], arguments: ["b"])
                #expect(reply.elements?.map(\.string) == ["a", "b"])
            }
            let loaded = try await connection.execute(RESPCommand("SCRIPT", "EXISTS", .text(script.digest)))
            #expect(loaded == .array([.integer(1)]))
            _ = try await connection.execute(RESPCommand("SCRIPT", "FLUSH"))
        }
        await connection.close()
    }

    @Test("a Unix socket, a database and a name of the client are used")
    func unixSockets() async throws {
        let server = try await RedisServer.start()
        let connection = try RESPConnection.connect("redis+unix://\(server.socketPath)?db=3&client_name=tester")
        let info = try await connection.execute(RESPCommand("CLIENT", "INFO"))
        #expect(info.string?.contains(" db=3 ") == true)
        #expect(info.string?.contains(" name=tester ") == true)
        #expect(info.string?.contains(" resp=3") == true)
        await connection.close()
    }

    @Test("push messages reach the handler of events")
    func pushMessages() async throws {
        let server = try await RedisServer.start()
        let events = Events()
        let connection = try RESPConnection.connect(server.url, events: events)
        _ = try await connection.execute(RESPCommand("CLIENT", "TRACKING", "ON", "BCAST"))
        _ = try await connection.execute(RESPCommand("SET", "key", "1"))
        let push = await events.pushed()
        #expect(push?.first?.string == "invalidate")
        #expect(push?.last?.elements?.map(\.string) == ["key"])
        await connection.close()
    }

    @Test("a connection of its own may block while the shared one goes on")
    func blockingCommands() async throws {
        let server = try await RedisServer.start()
        let connection = try RESPConnection.connect(server.url)
        let blocking = try connection.dedicated(timeout: .seconds(300))
        let popped = Task { try await blocking.execute(RESPCommand("BLPOP", "list", 30)) }
        _ = try await connection.execute(RESPCommand("RPUSH", "list", "x"))
        #expect(try await popped.value.elements?.map(\.string) == ["list", "x"])
        await blocking.close()
        await connection.close()
    }

    @Test("closing answers the calls that were sent, and refuses later ones")
    func closing() async throws {
        let server = try await RedisServer.start()
        let connection = try RESPConnection.connect(server.url)
        _ = try await connection.execute(RESPCommand("PING"))
        let pending = Task { try await connection.execute(RESPCommand("ECHO", "late")) }
        _ = await pending.result
        await connection.close()
        await connection.close()
        #expect(await errorCode { try await connection.execute(RESPCommand("PING")) } == .closed)
    }
}
