public import Larder
import RESP

extension RedisStore {
    /// Reads one entry in one round trip, a large one in two.
    ///
    /// The first asks for the beginning of the value only, so that a large value never comes on the connection that
    /// small ones share.
    public func value(forKey key: StoreKey) async throws -> StoredValue? {
        let name = name(key)
        let limit = configuration.largeValueBytes
        var pipeline = RESPPipeline(reservingCapacity: 2 * name.count + 80)
        pipeline.append(RESPCommand("PTTL", key: name, isRepeatable: true))
        pipeline.append(RESPCommand("GETRANGE", .bytes(name), 0, .integer(limit - 1), isRepeatable: true))
        let replies = try await small.execute(pipeline)
        guard let life = try life(replies[0]) else { return nil }
        guard let bytes = try bytes(replies[1], "GETRANGE") else { return nil }
        // Nothing may be an empty value, or none because its life has just ended; the limit, or more.
        guard bytes.isEmpty || bytes.count == limit else { return StoredValue(bytes: bytes, remainingLife: life) }
        return try await values(forKeys: [key]).first ?? nil
    }

    /// Reads several entries in one round trip, on the connection for large values.
    public func values(forKeys keys: [StoreKey]) async throws -> [StoredValue?] {
        guard !keys.isEmpty else { return [] }
        let names = keys.map(name)
        var pipeline = RESPPipeline(reservingCapacity: names.reduce(0) { $0 + 2 * $1.count + 40 })
        // The lives first: a value that is replaced between the two is at worst newer than its life.
        for name in names { pipeline.append(RESPCommand("PTTL", key: name, isRepeatable: true)) }
        for start in stride(from: 0, to: names.count, by: batchSize) {
            let batch = names[start..<min(start + batchSize, names.count)].map { RESPArgument.bytes($0) }
            pipeline.append(RESPCommand("MGET", arguments: batch, isRepeatable: true))
        }
        let replies = try await large.execute(pipeline)
        let values = try replies[names.count...].flatMap { try elements($0, "MGET") }
        guard values.count == names.count else {
            throw RedisStoreError(.unexpectedReply, "MGET was answered with \(values.count) of \(names.count) values")
        }
        return try zip(replies, values)
            .map { life, value in
                guard let life = try self.life(life), let bytes = try bytes(value, "MGET") else { return nil }
                return StoredValue(bytes: bytes, remainingLife: life)
            }
    }

    /// How many values one reply may hold, so that it stays within the limit of a reply whatever they are.
    private var batchSize: Int {
        max(1, min(100, configuration.connection.maximumReplyBytes / (configuration.maximumEntryBytes + 64)))
    }

    // MARK: Replies

    /// The life that is left; `nil` for an entry that is not there, and for one that has no end and so is not ours.
    private func life(_ reply: RESPValue) throws -> Duration? {
        guard let milliseconds = reply.integerValue else { throw RESPError.unexpected(reply, to: "PTTL") }
        return milliseconds > 0 ? .milliseconds(milliseconds) : nil
    }

    private func bytes(_ reply: RESPValue, _ command: String) throws -> [UInt8]? {
        switch reply {
        case .bytes(let bytes): return bytes
        case .null: return nil
        default: throw RESPError.unexpected(reply, to: command)
        }
    }

    func elements(_ reply: RESPValue, _ command: String) throws -> [RESPValue] {
        guard case .array(let elements) = reply else { throw RESPError.unexpected(reply, to: command) }
        return elements
    }
}
