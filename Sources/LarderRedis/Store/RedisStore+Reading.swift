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
        try await slot(forKey: key, isForReplicas: true).value
    }

    /// Reads a key: at first the beginning only, so that a large value never comes on the connection that small ones
    /// share.
    private func slot(forKey key: StoreKey, isForReplicas: Bool = false) async throws -> StoreSlot {
        let name = name(key)
        let limit = configuration.largeValueBytes
        // The life first: a value that is replaced between the two is at worst newer than its life.
        var life = RESPCommand("PTTL", key: name, isRepeatable: true)
        var beginning = RESPCommand("GETRANGE", .bytes(name), 0, .integer(limit - 1), isRepeatable: true)
        life.isForReplicas = isForReplicas
        beginning.isForReplicas = isForReplicas
        let replies = try await small.execute([life, beginning])
        guard case .bytes(let content) = replies[1] else { throw RESPError.unexpected(replies[1], to: "GETRANGE") }
        guard content.count < limit else { return try await batch([key])[0] }
        return try slot(life: replies[0], content: content)
    }

    private func batch(_ keys: [StoreKey]) async throws -> [StoreSlot] {
        let names = keys.map(name)
        let parts = large.parts(of: names).flatMap { pieces(of: $0, count: batchSize) }
        let lives = names.map { RESPCommand("PTTL", key: $0, isRepeatable: true) }
        let reads = parts.map { places in
            RESPCommand("MGET", arguments: places.map { .bytes(names[$0]) }, isRepeatable: true)
        }
        let replies = try await large.execute(lives + reads)
        var slots = [StoreSlot](repeating: .vacant, count: names.count)
        for (places, reply) in zip(parts, replies[names.count...]) {
            let contents = try elements(reply, "MGET")
            guard contents.count == places.count else { throw RESPError.unexpected(reply, to: "MGET") }
            for (place, content) in zip(places, contents) {
                switch content {
                case .bytes(let content): slots[place] = try slot(life: replies[place], content: content)
                case .null: continue
                default: throw RESPError.unexpected(content, to: "MGET")
                }
            }
        }
        return slots
    }

    /// How many values one reply may hold, so that it stays within the limit of a reply whatever they are.
    private var batchSize: Int {
        max(1, min(100, configuration.connection.maximumReplyBytes / (configuration.maximumEntryBytes + 1_024)))
    }

    /// Cuts places of keys into pieces of at most some number.
    func pieces(of places: [Int], count: Int) -> [[Int]] {
        stride(from: 0, to: places.count, by: count).map { Array(places[$0..<min($0 + count, places.count)]) }
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
