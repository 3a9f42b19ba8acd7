import LarderRedisTesting
import LarderTesting
import RESP
import Testing

@Suite("Faults of connections and servers")
struct FaultTests {
    private let get = RESPCommand("GET", "key", isRepeatable: true)

    @Test("a reply that is cut in the middle is asked for again on a new connection")
    func cutReply() async throws {
        let server = try await ScriptedServer.start { request in
            guard request.words.first == "GET" else { return nil }
            return request.connection == 1 ? [.send("$5\r\nhel"), .close] : [.send("$5\r\nhello\r\n")]
        }
        let connection = try RESPConnection.connect(server.url)
        #expect(try await connection.execute(get).string == "hello")
        #expect(server.connectionCount == 2)
        await connection.close()
        try await server.close()
    }

    @Test("a command that must not be carried out twice is not sent again")
    func cutReplyOfCounter() async throws {
        let server = try await ScriptedServer.start { $0.words.first == "INCR" ? [.close] : nil }
        let connection = try RESPConnection.connect(server.url)
        let code = await errorCode { try await connection.execute(RESPCommand("INCR", "key")) }
        #expect(code == .connectionLost)
        #expect(try await connection.execute(RESPCommand("PING")) == .text("PONG"))
        await connection.close()
        try await server.close()
    }

    @Test("garbage ends the connection, and the next one is used", arguments: ["HTTP/1.1 400\r\n", "$1\r\nlong\r\n"])
    func garbage(bytes: String) async throws {
        let server = try await ScriptedServer.start { request in
            request.words.first == "GET" && request.connection == 1 ? [.send(bytes)] : nil
        }
        let events = Events()
        let connection = try RESPConnection.connect(server.url, events: events)
        #expect(try await connection.execute(get) == .null)
        #expect(await events.disconnected()?.code == .protocolViolation)
        await connection.close()
        try await server.close()
    }

    @Test("a reply that nobody asked for ends the connection, since the next ones would go astray")
    func unaskedReply() async throws {
        let server = try await ScriptedServer.start()
        let events = Events()
        let connection = try RESPConnection.connect(server.url, events: events)
        await events.connected()
        server.send("+surprise\r\n", to: 1)
        #expect(await events.disconnected()?.code == .protocolViolation)
        await events.connected()
        #expect(try await connection.execute(get) == .null)
        await connection.close()
        try await server.close()
    }

    @Test("a server that hangs costs each call its timeout, and the silent connection is given up")
    func hangingServer() async throws {
        let server = try await ScriptedServer.start { $0.words.first == "GET" && $0.connection == 1 ? [] : nil }
        let events = Events()
        let connection = try RESPConnection.connect(server.url, events: events) { $0.timeout = .milliseconds(40) }
        await events.connected()
        let code = await errorCode { try await connection.execute(get) }
        #expect(code == .timedOut)
        #expect(await events.disconnected()?.code == .timedOut)
        await events.connected()
        #expect(try await patiently { try await connection.execute(get) } == .null)
        await connection.close()
        try await server.close()
    }

    @Test("a late reply goes to nobody else")
    func lateReply() async throws {
        let server = try await ScriptedServer.start { request in
            switch request.words {
            case ["GET", "slow"]: []
            case ["GET", "probe"]: [.send("$4\r\nslow\r\n$5\r\nprobe\r\n")]
            default: nil
            }
        }
        let connection = try RESPConnection.connect(server.url)
        _ = try await connection.execute(RESPCommand("PING"))
        let slow = Task { try await connection.execute(RESPCommand("GET", "slow")) }
        for await request in server.requests where request.words == ["GET", "slow"] { break }
        slow.cancel()
        let result = await slow.result
        #expect(throws: CancellationError.self) { try result.get() }
        #expect(try await connection.execute(RESPCommand("GET", "probe")).string == "probe")
        #expect(server.connectionCount == 1)
        await connection.close()
        try await server.close()
    }

    @Test("cancelled tasks end at once, and neither disturb the others nor the connection")
    func cancellation() async throws {
        let server = try await ScriptedServer.start { $0.words.first == "BLPOP" ? [] : nil }
        let connection = try RESPConnection.connect(server.url)
        let tasks = (0..<100).map { _ in Task { try await connection.execute(RESPCommand("BLPOP", "list", 0)) } }
        for task in tasks { task.cancel() }
        for task in tasks {
            let result = await task.result
            #expect(throws: CancellationError.self) { try result.get() }
        }
        #expect(server.connectionCount <= 1)
        await connection.close()
        try await server.close()
    }

    @Test("calls beyond the bound fail at once")
    func fullQueue() async throws {
        let server = try await ScriptedServer.start { $0.words.first == "GET" ? [] : nil }
        let connection = try RESPConnection.connect(server.url) { $0.maximumPendingCalls = 3 }
        _ = try await connection.execute(RESPCommand("PING"))
        let waiting = (0..<3).map { _ in Task { try await connection.execute(RESPCommand("GET", "key")) } }
        var seen = 0
        for await request in server.requests where request.words == ["GET", "key"] {
            seen += 1
            if seen == 3 { break }
        }
        let code = await errorCode { try await connection.execute(RESPCommand("PING")) }
        #expect(code == .overloaded)
        for task in waiting { task.cancel() }
        try await server.close()
        await connection.close()
    }

    @Test("a server that accepts and says nothing does not hold a connection up for ever")
    func silentHandshake() async throws {
        let server = try await ScriptedServer.start { $0.words.first == "HELLO" && $0.connection == 1 ? [] : nil }
        let connection = try RESPConnection.connect(server.url) { $0.connectTimeout = .milliseconds(30) }
        #expect(try await connection.execute(get) == .null)
        #expect(server.connectionCount >= 2)
        await connection.close()
        try await server.close()
    }

    @Test("an idle connection is checked, and given up when the check is not answered")
    func healthCheck() async throws {
        let server = try await ScriptedServer.start { $0.words.first == "PING" && $0.connection == 1 ? [] : nil }
        let events = Events()
        let connection = try RESPConnection.connect(server.url, events: events) {
            $0.timeout = .milliseconds(30)
            $0.healthCheckInterval = .milliseconds(10)
        }
        await events.connected()
        #expect(await events.disconnected()?.code == .timedOut)
        await events.connected()
        for await request in server.requests where request.connection == 2 {
            #expect(request.words == ["PING"])
            break
        }
        await connection.close()
        try await server.close()
    }

    @Test("without a server, calls wait no longer than their timeout")
    func noServer() async throws {
        let server = try await ScriptedServer.start()
        let url = server.url
        try await server.close()
        let connection = try RESPConnection.connect(url) { $0.timeout = .milliseconds(30) }
        #expect(await errorCode { try await connection.execute(get) } == .timedOut)
        await connection.close()
    }

    @Test("a server that knows only version 2 is spoken to in version 2")
    func oldServer() async throws {
        let server = try await ScriptedServer.start { request in
            switch request.words.first {
            case "HELLO": [.send("-ERR unknown command `HELLO`, with args beginning with: `3`\r\n")]
            case "GET": [.send("$-1\r\n")]
            default: nil
            }
        }
        let events = Events()
        let connection = try RESPConnection.connect(server.url, events: events)
        #expect(await events.connected() == 2)
        #expect(try await connection.execute(get) == .null)
        await connection.close()
        try await server.close()
    }
}
