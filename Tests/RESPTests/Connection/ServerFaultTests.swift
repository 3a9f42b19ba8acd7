import LarderTesting
import RESP
import Testing

@Suite("Faults of real servers", .enabled(if: RedisServer.isInstalled))
struct ServerFaultTests {
    @Test("no repeatable call fails when the server is killed and started again under load")
    func restart() async throws {
        let server = try await RedisServer.start()
        let connection = try RESPConnection.connect(server.url)
        let calls = Counter()
        let stop = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<50 {
                group.addTask {
                    while stop.value == 0 {
                        let command = RESPCommand("SET", .text("key:\(task)"), "value", isRepeatable: true)
                        _ = try await connection.execute(command)
                        calls.add()
                    }
                }
            }
            group.addTask {
                for _ in 0..<3 {
                    try await reach(calls, calls.value + 1_000)
                    server.kill()
                    try await server.start()
                    try await reach(calls, calls.value + 1_000)
                }
                stop.add()
            }
            try await group.waitForAll()
        }
        await connection.close()
    }

    @Test("while the server is stopped calls end by their timeout, and succeed once it goes on")
    func suspension() async throws {
        let server = try await RedisServer.start()
        let events = Events()
        let connection = try RESPConnection.connect(server.url, events: events) {
            $0.timeout = .milliseconds(50)
            $0.connectTimeout = .milliseconds(100)
        }
        await events.connected()
        server.suspend()
        for _ in 0..<3 {
            let code = await errorCode { try await connection.execute(RESPCommand("PING")) }
            // The connection is given up as well, which a call may notice before its own timeout.
            #expect(code == .timedOut || code == .connectionLost)
        }
        server.resume()
        await events.connected()
        #expect(try await patiently { try await connection.execute(RESPCommand("PING")) } == .text("PONG"))
        await connection.close()
    }

    @Test("a server that starts after its clients is found")
    func lateServer() async throws {
        let server = try await RedisServer.start()
        server.kill()
        let connection = try RESPConnection.connect(server.url)
        let reply = Task { try await connection.execute(RESPCommand("PING")) }
        try await server.start()
        #expect(try await reply.value == .text("PONG"))
        await connection.close()
    }

    private func reach(_ counter: Counter, _ value: Int) async throws {
        while counter.value < value { await Task.yield() }
    }
}
