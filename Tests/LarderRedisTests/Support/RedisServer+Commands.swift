import LarderRedis
import LarderTesting
import Logging
import RESP

extension RedisServer {
    /// Runs a command on a connection of its own.
    @discardableResult
    func execute(_ command: RESPCommand) async throws -> RESPValue {
        let connection = try RESPConnection(.patient(url: url), logger: Logger(label: "test"))
        do {
            let reply = try await connection.execute(command)
            await connection.close()
            return reply
        } catch {
            await connection.close()
            throw error
        }
    }
}

extension RedisInvalidationLog {
    /// A log on a server, with settings that suit tests.
    convenience init(on server: RedisServer, _ change: (inout Configuration) -> Void = { _ in }) throws {
        var configuration = Configuration(connection: try .patient(url: server.url))
        change(&configuration)
        try self.init(configuration: configuration, logger: Logger(label: "test"))
    }
}
