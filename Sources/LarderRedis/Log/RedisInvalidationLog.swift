public import Larder
public import Logging
public import NIOCore
import RESP

/// An invalidation log on a Redis or Valkey server or cluster, version 6.2 or newer, which any number of machines share.
///
/// The records are entries of a stream, appended and read by scripts that first make sure that the log is still the
/// one that the reader knows. Who waits is woken by a blocking read on a connection of its own, so a record reaches the
/// other nodes in about a round trip.
///
/// Whatever may have cost records begins a new epoch, of which each reader is told as a gap: a flush, a restart of the
/// server, be it with the data that it had saved, a failover, and the loss of a key. A server that has replicas and
/// lost its way to them may take records that nobody will see; set its `min-replicas-to-write` to 1 against that.
///
/// In a cluster all of a log is in one slot. The failover of its shard, and its move to another one, begin a new epoch.
///
/// ```swift
/// let log = try RedisInvalidationLog(url: "redis://127.0.0.1:6379")
/// let caches = try CacheSystem(store: RedisStore(url: "redis://127.0.0.1:6379"), log: log)
/// ```
public final class RedisInvalidationLog: InvalidationLog {
    private static let batchLimit = 2_000
    private static let batchBytes = 1 << 20

    private let configuration: Configuration
    private let keys: [RESPArgument]
    private let client: any RESPClient
    private let watch: LogWatch

    /// Begins to connect, and returns without waiting for it.
    ///
    /// - Parameters:
    ///   - configuration: Where the log is kept, and its bounds.
    ///   - group: The event loops, of which the log uses two; `nil` is NIO's own group.
    ///   - logger: Where the log tells that a connection was lost or made.
    /// - Throws: ``RedisStoreError`` or `RESPError` if the configuration is out of range.
    public init(
        configuration: Configuration,
        group: (any EventLoopGroup)? = nil,
        logger: Logger = .current
    ) throws {
        try configuration.validate()
        self.configuration = configuration
        let stream = Array("{\(configuration.name)}:log".utf8)
        keys = [.bytes(stream), .text("{\(configuration.name)}:log:state")]
        client = try configuration.connection.client(ofCluster: configuration.cluster, group: group, logger: logger)
        watch = try LogWatch(stream: stream, beside: client, timeout: configuration.connection.timeout)
    }

    /// Begins to connect to a server that a URL names, with the default bounds.
    ///
    /// - Parameters:
    ///   - url: The URL; see `RESPConfiguration.init(url:)`.
    ///   - logger: Where the log tells that a connection was lost or made.
    /// - Throws: `RESPError` if the URL cannot be understood.
    public convenience init(url: String, logger: Logger = .current) throws {
        try self.init(configuration: Configuration(connection: RESPConfiguration(url: url)), logger: logger)
    }

    /// Appends the records in one step, and trims the oldest.
    ///
    /// When the connection breaks before the answer has come it is done again, so that a record may stand in the log
    /// twice.
    public func append(_ records: [InvalidationRecord]) async throws -> LogPosition {
        guard !records.isEmpty else {
            throw CacheError(.invalidInvalidation, "There is nothing to append. Give at least one record.")
        }
        var arguments: [RESPArgument] = [
            newEpoch(), .integer(configuration.maximumRecords),
            .integer(Int(clamping: configuration.maximumAge.wholeMilliseconds)),
        ]
        for record in records { arguments.append(.bytes(try record.encoded())) }
        let reply = try await client.execute(LogScripts.append, keys: keys, arguments: arguments)
        guard let parts = reply.elements, parts.count == 2, let epoch = LogAnswer.epoch(parts[0]),
            let offset = LogAnswer.offset(parts[1])
        else { throw RESPError.unexpected(reply, to: "an append to the log") }
        return LogPosition(epoch: epoch, offset: offset)
    }

    /// Answers at once if it can, and else waits for an append.
    public func nextBatch(after position: LogPosition?, patience: Duration) async throws -> LogBatch {
        let deadline = ContinuousClock.now + patience
        while true {
            try Task.checkCancellation()
            if let batch = try await read(after: position).batch(after: position) { return batch }
            let left = ContinuousClock.now.duration(to: deadline)
            // A reader who knows nothing is always told of a gap.
            guard let position, left > .zero else {
                return LogBatch(records: [], position: position ?? LogPosition(epoch: 0, offset: 0))
            }
            await watch.waitForChange(after: position.offset, atMost: left)
        }
    }

    /// Ends the calls that were sent, wakes those who wait, and disconnects.
    public func shutdown() async {
        await client.close()
        await watch.shutdown()
    }

    private func read(after position: LogPosition?) async throws -> LogAnswer {
        let arguments: [RESPArgument] = [
            newEpoch(), .text(position.map { LogAnswer.text(ofEpoch: $0.epoch) } ?? ""),
            .text("\(position?.offset ?? 0)"), .integer(Self.batchLimit), .integer(Self.batchBytes),
        ]
        return try LogAnswer(await client.execute(LogScripts.read, keys: keys, arguments: arguments))
    }

    /// The epoch that begins if the server finds that one has to.
    private func newEpoch() -> RESPArgument { .text(LogAnswer.text(ofEpoch: .random(in: 1...UInt64.max))) }
}
