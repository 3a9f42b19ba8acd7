public import LarderTesting
public import RESP

/// A primary, a replica, and three sentinels that watch them, as real processes on free ports.
///
/// ```swift
/// let servers = try await RedisSentinels.start()
/// var configuration = RESPConfiguration()
/// configuration.sentinel = servers.sentinel
/// ```
public final class RedisSentinels: Sendable {
    /// The server that is the primary at first.
    public let primary: RedisServer

    /// The server that follows it at first.
    public let replica: RedisServer

    /// The processes that watch the two.
    public let sentinels: [RedisServer]

    private init(primary: RedisServer, replica: RedisServer, sentinels: [RedisServer]) {
        self.primary = primary
        self.replica = replica
        self.sentinels = sentinels
    }

    /// Starts all processes and waits until the sentinels know the replica and each other.
    ///
    /// - Parameter patience: After how many milliseconds of silence the primary counts as gone.
    /// - Returns: The servers.
    /// - Throws: `RedisServerError` if one does not start.
    public static func start(patience: Int = 300) async throws -> RedisSentinels {
        let primary = try await RedisServer.start(options: ["--repl-diskless-sync-delay", "0"])
        let replica = try await RedisServer.start(following: primary)
        var sentinels: [RedisServer] = []
        for _ in 0..<3 {
            sentinels.append(try await RedisServer.startSentinel(of: primary, patience: patience))
        }
        for sentinel in sentinels {
            try await sentinel.wait("the sentinel knows the others") { sentinel in
                let primary = try await sentinel.execute("SENTINEL", "MASTER", "main")
                return primary["num-slaves"]?.string == "1" && primary["num-other-sentinels"]?.string == "2"
            }
        }
        return RedisSentinels(primary: primary, replica: replica, sentinels: sentinels)
    }

    /// What a client needs to know of the sentinels.
    public var sentinel: RESPSentinel { RESPSentinel("main", at: sentinels.map(\.endpoint)) }
}
