public import Larder
public import Logging
import NIOConcurrencyHelpers
public import NIOCore
public import RESP

/// Leases on a Redis or Valkey server or cluster, for the caches of all processes that use it.
///
/// A lease is a key with a token and an end, set with `SET NX PX`. Its release deletes the key if it still has the
/// token, and publishes the name to a channel, to which each process listens on a connection of its own: so those who
/// wait for a load go on about a round trip after it was stored. A message that is lost costs them
/// `LeaseRules.pollInterval`.
///
/// The server may lose leases, by a restart or a failover; then a key is loaded twice.
///
/// ```swift
/// let caches = try CacheSystem(
///     store: RedisStore(url: url), log: RedisInvalidationLog(url: url), leases: RedisLeases(url: url))
/// ```
public final class RedisLeases: LeaseProvider {
    /// Releases a lease that is still held, and says so.
    private static let release = RESPScript(
        """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        redis.call('DEL', KEYS[1])
        redis.call('PUBLISH', ARGV[2], KEYS[1])
        return 1
        """
    )

    private let prefix: [UInt8]
    private let channel: String
    private let client: any RESPClient
    private let subscriber: RESPSubscriber
    private let waiters: LeaseWaiters

    /// Begins to connect, and returns without waiting for it.
    ///
    /// - Parameters:
    ///   - configuration: How the server is reached, be it the one that sentinels name, or each server of a cluster.
    ///   - cluster: What is needed to use a cluster; `nil` if there is none.
    ///   - keyPrefix: What the names of all leases begin with; processes with the same prefix share their leases.
    ///   - group: The event loops, of which the leases use two; `nil` is NIO's own group.
    ///   - logger: Where a lost connection is told.
    /// - Throws: `RESPError` if the configuration is out of range.
    public init(
        configuration: RESPConfiguration,
        cluster: RESPClusterOptions? = nil,
        keyPrefix: String = "larder:lease:",
        group: (any EventLoopGroup)? = nil,
        logger: Logger = .current
    ) throws {
        prefix = Array(keyPrefix.utf8)
        channel = keyPrefix + "released"
        let waiters = LeaseWaiters()
        self.waiters = waiters
        client = try configuration.client(ofCluster: cluster, group: group, logger: logger)
        subscriber = try client.subscriber(channels: [channel], patterns: [])
        // Ends with the subscriber.
        Task { [events = subscriber.events] in
            for await event in events {
                if case .message(let message) = event { waiters.wake(message.payload) } else { waiters.wakeAll() }
            }
            waiters.wakeAll()
        }
    }

    /// Begins to connect to a server that a URL names.
    ///
    /// - Parameters:
    ///   - url: The URL; see `RESPConfiguration.init(url:)`.
    ///   - logger: Where a lost connection is told.
    /// - Throws: `RESPError` if the URL cannot be understood.
    public convenience init(url: String, logger: Logger = .current) throws {
        try self.init(configuration: RESPConfiguration(url: url), logger: logger)
    }

    /// Sets the key of the lease, unless there is one.
    public func acquire(_ key: StoreKey, for life: Duration) async throws -> LoadLease? {
        let lease = LoadLease(key: key)
        let milliseconds = max(1, Int(clamping: life.wholeMilliseconds))
        let reply = try await client.execute(
            RESPCommand("SET", .bytes(name(key)), .bytes(token(lease)), "NX", "PX", .integer(milliseconds))
        )
        switch reply {
        case .null: return nil
        case .text("OK"): return lease
        default: throw RESPError.unexpected(reply, to: "SET")
        }
    }

    /// Deletes the key of the lease if it holds the lease's token; otherwise it ends by itself.
    public func release(_ lease: LoadLease) async {
        _ = try? await client.execute(
            Self.release,
            keys: [.bytes(name(lease.key))],
            arguments: [.bytes(token(lease)), .text(channel)]
        )
    }

    /// Waits for the message of the release.
    public func waitForRelease(of key: StoreKey, atMost patience: Duration) async {
        await waiters.wait(for: name(key), atMost: patience)
    }

    /// Wakes those who wait, and disconnects.
    public func shutdown() async {
        await subscriber.close()
        waiters.wakeAll()
        await client.close()
    }

    private func name(_ key: StoreKey) -> [UInt8] { prefix + key.bytes }

    private func token(_ lease: LoadLease) -> [UInt8] { Array(String(lease.token, radix: 16).utf8) }
}
