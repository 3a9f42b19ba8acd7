public import Larder
public import Logging
import NIOConcurrencyHelpers
public import NIOCore
import RESP

/// A store on a Redis or Valkey server or cluster, which many processes may share.
///
/// All calls share two connections to each server: one for small values, one for large values and batches. A call takes
/// one round trip to each server that it concerns, and ends within the timeout of the connection, so the cache needs no timeout of its own. Reads, writes and
/// removals may be repeated without harm, and are when a connection broke: a restart of the server shorter than the
/// timeout fails no call.
///
/// ```swift
/// let store = try RedisStore(url: "redis://127.0.0.1:6379")
/// try await store.setValue([1, 2, 3], forKey: StoreKey("note:7"), timeToLive: .seconds(60))
/// let stored = try await store.value(forKey: StoreKey("note:7"))
/// await store.shutdown()
/// ```
public final class RedisStore: Sendable {
    let configuration: Configuration
    let prefix: [UInt8]
    let small: any RESPClient
    let large: any RESPClient
    /// Tells of what happens to the entries; `nil` unless that is asked for.
    let tracker: KeyTracker?
    let recentWrites = NIOLockedValueBox(RecentWrites())
    let logger: Logger

    /// Begins to connect, and returns without waiting for it.
    ///
    /// - Parameters:
    ///   - configuration: Where the entries are kept, and the bounds.
    ///   - group: The event loops, of which each connection uses one; `nil` is NIO's own group.
    ///   - logger: Where the store tells that a connection was lost or made.
    /// - Throws: ``RedisStoreError`` or `RESPError` if the configuration is out of range.
    public init(
        configuration: Configuration,
        group: (any EventLoopGroup)? = nil,
        logger: Logger = .current
    ) throws {
        try configuration.validate()
        self.configuration = configuration
        prefix = Array(configuration.keyPrefix.utf8)
        self.logger = logger
        small = try configuration.connection.client(ofCluster: configuration.cluster, group: group, logger: logger)
        large = try small.dedicated(timeout: nil)
        tracker =
            configuration.tracksOtherPrograms
            ? try KeyTracker(prefix: prefix, configuration.connection, group: group, logger: logger) : nil
    }

    /// Begins to connect to a server that a URL names, with the default bounds.
    ///
    /// - Parameters:
    ///   - url: The URL; see `RESPConfiguration.init(url:)`.
    ///   - logger: Where the store tells that a connection was lost or made.
    /// - Throws: `RESPError` if the URL cannot be understood.
    public convenience init(url: String, logger: Logger = .current) throws {
        try self.init(configuration: Configuration(connection: RESPConfiguration(url: url)), logger: logger)
    }
}

// MARK: - Bounds

extension RedisStore: RemoteStore {
    /// Always `true`: the connection ends each call by its timeout.
    public var boundsItsLatency: Bool { true }

    /// The limit of the configuration.
    public var maximumEntryBytes: Int { configuration.maximumEntryBytes }

    /// Ends the calls that were sent, and disconnects.
    public func shutdown() async {
        async let isSmallClosed: Void = small.close()
        async let isLargeClosed: Void = large.close()
        _ = await (isSmallClosed, isLargeClosed)
        await tracker?.close()
    }

    // MARK: - Keys

    /// The name of an entry on the server.
    func name(_ key: StoreKey) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: prefix.count + key.bytes.count) { name, count in
            _ = name.initialize(from: prefix)
            _ = UnsafeMutableBufferPointer(rebasing: name[prefix.count...]).initialize(from: key.bytes)
            count = prefix.count + key.bytes.count
        }
    }

    /// The client for commands of a size.
    func client(forBytes byteCount: Int) -> any RESPClient {
        byteCount < configuration.largeValueBytes ? small : large
    }
}
