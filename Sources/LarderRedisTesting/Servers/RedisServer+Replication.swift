public import LarderTesting
import Logging
public import RESP

extension RedisServer {
    /// Where the server listens.
    public var endpoint: RESPEndpoint { .tcp(host: "127.0.0.1", port: port) }

    /// Starts a server that follows another one, and waits until it has all of its data.
    ///
    /// - Parameter primary: The server to follow.
    /// - Returns: The replica.
    /// - Throws: `RedisServerError` if it does not start, or does not catch up within 20 s.
    public static func start(following primary: RedisServer) async throws -> RedisServer {
        let replica = try await start(options: [
            "--replicaof", "127.0.0.1 \(primary.port)", "--repl-diskless-sync-delay", "0",
        ])
        try await replica.wait("it follows its primary") {
            try await $0.info("replication")["master_link_status"] == "up"
        }
        return replica
    }

    /// Sends the server a command, on a connection for it alone.
    ///
    /// - Parameters:
    ///   - name: The name of the command.
    ///   - arguments: Its arguments.
    /// - Returns: The reply.
    /// - Throws: `RESPError` if there is none, or if it is an error.
    @discardableResult
    public func execute(_ name: StaticString, _ arguments: RESPArgument...) async throws -> RESPValue {
        let connection = try RESPConnection(RESPConfiguration(endpoint), logger: Logger(label: "test"))
        let reply = try await connection.execute(RESPCommand(name, arguments: arguments))
        await connection.close()
        return reply
    }

    /// A section of what the server says of itself.
    ///
    /// - Parameter section: The name of the section, as in `replication`.
    /// - Returns: The values by their names.
    /// - Throws: `RESPError` if the server does not answer.
    public func info(_ section: String) async throws -> [String: String] {
        Self.fields(try await execute("INFO", .text(section)))
    }

    static func fields(_ reply: RESPValue) -> [String: String] {
        var fields: [String: String] = [:]
        for line in (reply.string ?? "").split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { fields[String(parts[0])] = String(parts[1]) }
        }
        return fields
    }

    /// Asks the server again and again until something is so, for 20 s at most.
    ///
    /// - Parameters:
    ///   - what: What is waited for, in words.
    ///   - condition: Whether it is so; an error counts as no.
    /// - Throws: `RedisServerError` if it is still not so.
    public func wait(_ what: String, until condition: (RedisServer) async throws -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(20)
        while (try? await condition(self)) != true {
            guard ContinuousClock.now < end else { throw RedisServerError("after 20 s it is not so yet: \(what)") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
