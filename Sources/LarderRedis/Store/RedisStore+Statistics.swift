import RESP

extension RedisStore {
    /// What a server says of its room.
    public struct ServerStatistics: Hashable, Sendable {
        /// The memory that its data take, in bytes.
        public var usedBytes: Int

        /// The memory that its data may take, in bytes; zero is no limit.
        public var maximumBytes: Int

        /// What it does when it is out of room, as in `allkeys-lru`.
        public var evictionPolicy: String

        /// How many keys it has given up for want of room since it started.
        public var evictedKeys: Int

        /// Whether the server may give up tombstones, after which a fill that was begun before a burial is written.
        public var mayEvictTombstones: Bool { maximumBytes > 0 && evictionPolicy != "noeviction" }
    }

    /// Asks the server for its room, in one round trip.
    ///
    /// - Returns: What the server says.
    /// - Throws: `RESPError` if the server does not answer.
    public func serverStatistics() async throws -> ServerStatistics {
        let replies = try await small.execute(
            RESPPipeline(["memory", "stats"].map { RESPCommand("INFO", .text($0), isRepeatable: true) })
        )
        var fields: [Substring: Substring] = [:]
        for reply in replies {
            guard let text = reply.string else { throw RESPError.unexpected(reply, to: "INFO") }
            for line in text.split(whereSeparator: \.isNewline) {
                let parts = line.split(separator: ":", maxSplits: 1)
                if parts.count == 2 { fields[parts[0]] = parts[1] }
            }
        }
        return ServerStatistics(
            usedBytes: fields["used_memory"].flatMap { Int($0) } ?? 0,
            maximumBytes: fields["maxmemory"].flatMap { Int($0) } ?? 0,
            evictionPolicy: fields["maxmemory_policy"].map(String.init) ?? "unknown",
            evictedKeys: fields["evicted_keys"].flatMap { Int($0) } ?? 0
        )
    }
}
