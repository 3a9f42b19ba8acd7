import LarderTesting
import RESP
import Synchronization
import Testing

@Suite("Credentials", .enabled(if: RedisServer.isInstalled))
struct CredentialTests {
    @Test("user and password open the connection", arguments: [2, 3])
    func users(version: Int) async throws {
        let server = try await RedisServer.start(options: ["--user", "ann", "on", ">se%cret", "~*", "+@all"])
        let connection = try RESPConnection.connect("redis://ann:se%25cret@127.0.0.1:\(server.port)") {
            $0.protocolVersion = version
        }
        #expect(try await connection.execute(RESPCommand("ACL", "WHOAMI")).string == "ann")
        await connection.close()
    }

    @Test("a wrong password, or none, fails calls at once instead of at their deadline", arguments: [2, 3])
    func refusals(version: Int) async throws {
        let server = try await RedisServer.start(options: ["--requirepass", "secret"])
        for user in [":wrong@", ""] {
            let connection = try RESPConnection.connect("redis://\(user)127.0.0.1:\(server.port)") {
                $0.protocolVersion = version
                $0.timeout = .seconds(600)
            }
            let code = await errorCode { try await connection.execute(RESPCommand("PING")) }
            #expect(code == .authenticationFailed)
            await connection.close()
        }
    }

    @Test("credentials are asked for anew, so that a connection recovers when they were changed")
    func rotation() async throws {
        let server = try await RedisServer.start(options: ["--requirepass", "new"])
        let attempts = Counter()
        let events = Events()
        let connection = try RESPConnection.connect(server.url, events: events) {
            $0.credentials = { RESPCredentials(password: attempts.add() < 3 ? "old" : "new") }
        }
        await events.connected()
        #expect(try await connection.execute(RESPCommand("PING")) == .text("PONG"))
        #expect(attempts.value == 3)
        await connection.close()
    }

    @Test("a database that does not exist is an error of the configuration")
    func database() async throws {
        let server = try await RedisServer.start()
        let connection = try RESPConnection.connect("\(server.url)/99")
        let code = await errorCode { try await connection.execute(RESPCommand("PING")) }
        #expect(code == .invalidConfiguration)
        await connection.close()
    }
}
