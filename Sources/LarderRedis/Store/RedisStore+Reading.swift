public import Larder
import RESP

extension RedisStore {
    /// Reads several keys in one round trip, on the connection for large values; one key on that for small ones.
    public func slots(forKeys keys: [StoreKey]) async throws -> [StoreSlot] {
        switch keys.count {
        case 0: []
        case 1: [try await slot(forKey: keys[0])]
        default: try await batch(keys)
        }
    }

    /// Reads one entry in one round trip, a large one in two.
    public func value(forKey key: StoreKey) async throws -> StoredValue? {
        try await slot(forKey: key).value
    }

    /// Reads a key: at first the beginning only, so that a large value never comes on the connection that small ones
    /// share.
    private func slot(forKey key: StoreKey) async throws -> StoreSlot {
        let name = name(key)
        let limit = configuration.largeValueBytes
        var pipeline = RESPPipeline(reservingCapacity: 2 * name.count + 80)
        // The life first: a value that is replaced between the two is at worst newer than its life.
        pipeline.append(RESPCommand("PTTL", key: name, isRepeatable: true))
        pipeline.append(RESPCommand("GETRANGE", .bytes(name), 0, .integer(limit - 1), isRepeatable: true))
        let replies = try await small.execute(pipeline)
        guard case .bytes(let content) = replies[1] else { throw RESPError.unexpected(replies[1], to: "GETRANGE") }
        guard content.count < limit else { return try await batch([key])[0] }
        return try slot(life: replies[0], content: content)
    }

    private func batch(_ keys: [StoreKey]) async throws -> [StoreSlot] {
        let names = keys.map(name)
        var pipeline = RESPPipeline(reservingCapacity: names.reduce(0) { $0 + 2 * $1.count + 40 })
        for name in names { pipeline.append(RESPCommand("PTTL", key: name, isRepeatable: true)) }
        for start in stride(from: 0, to: names.count, by: batchSize) {
            let batch = names[start..<min(start + batchSize, names.count)].map { RESPArgument.bytes($0) }
            pipeline.append(RESPCommand("MGET", arguments: batch, isRepeatable: true))
        }
        let replies = try await large.execute(pipeline)
        let contents = try replies[names.count...].flatMap { try elements($0, "MGET") }
        guard contents.count == names.count else {
            throw RedisStoreError(.unexpectedReply, "MGET was answered with \(contents.count) of \(names.count) values")
        }
        return try zip(replies, contents)
            .map { life, content in
                switch content {
                case .bytes(let content): try slot(life: life, content: content)
                case .null: .vacant
                default: throw RESPError.unexpected(content, to: "MGET")
                }
            }
    }

    /// How many values one reply may hold, so that it stays within the limit of a reply whatever they are.
    private var batchSize: Int {
        max(1, min(100, configuration.connection.maximumReplyBytes / (configuration.maximumEntryBytes + 1_024)))
    }

    // MARK: Replies

    /// A key that is gone has no life, and one without an end was not written by a store; both count as vacant.
    private func slot(life: RESPValue, content: [UInt8]) throws -> StoreSlot {
        guard let milliseconds = life.integerValue else { throw RESPError.unexpected(life, to: "PTTL") }
        return milliseconds > 0 ? SlotContent.slot(content, life: .milliseconds(milliseconds)) : .vacant
    }

    func elements(_ reply: RESPValue, _ command: String) throws -> [RESPValue] {
        guard case .array(let elements) = reply else { throw RESPError.unexpected(reply, to: command) }
        return elements
    }
}
