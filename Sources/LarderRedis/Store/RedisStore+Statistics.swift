import Logging
import RESP

extension RedisStore {
    /// What a server says of its room.
    public struct ServerStatistics: Hashable, Sendable {
        /// Which server says so.
        public var server: String

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

        /// What is wrong with the settings of its room; `nil` if nothing is.
        public var warning: String? {
            if maximumBytes == 0 || evictionPolicy == "noeviction" {
                return "the server never evicts, so it takes all memory or refuses writes when it is full; "
                    + "set maxmemory, and maxmemory-policy to volatile-lfu"
            }
            if evictionPolicy.hasPrefix("allkeys") {
                return "the server may evict what has no end, such as an invalidation log, which costs all entries; "
                    + "set maxmemory-policy to volatile-lfu"
            }
            return nil
        }
    }

    /// Asks each server for its room, in one round trip, and logs what is wrong with its settings.
    ///
    /// - Returns: What each server says; of a cluster, the primaries.
    /// - Throws: `RESPError` if a server does not answer.
    public func serverStatistics() async throws -> [ServerStatistics] {
        var statistics: [ServerStatistics] = []
        for server in try await small.primaries() {
            let commands = ["memory", "stats"].map { RESPCommand("INFO", .text($0), isRepeatable: true) }
            let known = try Self.statistics(server.endpoint.description, try await server.execute(commands))
            if let warning = known.warning {
                logger.warning("\(warning)", metadata: ["server": "\(known.server)"])
            }
            statistics.append(known)
        }
        return statistics
    }

    private static func statistics(_ server: String, _ replies: [RESPValue]) throws -> ServerStatistics {
        var fields: [Substring: Substring] = [:]
        for reply in replies {
            guard let text = reply.string else { throw RESPError.unexpected(reply, to: "INFO") }
            for line in text.split(whereSeparator: \.isNewline) {
                let parts = line.split(separator: ":", maxSplits: 1)
                if parts.count == 2 { fields[parts[0]] = parts[1] }
            }
        }
        return ServerStatistics(
            server: server,
            usedBytes: fields["used_memory"].flatMap { Int($0) } ?? 0,
            maximumBytes: fields["maxmemory"].flatMap { Int($0) } ?? 0,
            evictionPolicy: fields["maxmemory_policy"].map(String.init) ?? "unknown",
            evictedKeys: fields["evicted_keys"].flatMap { Int($0) } ?? 0
        )
    }
}
