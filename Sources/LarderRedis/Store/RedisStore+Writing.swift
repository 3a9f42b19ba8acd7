public import Larder
import NIOConcurrencyHelpers
import RESP

extension RedisStore {
    /// Writes one entry in one round trip.
    public func setValue(_ bytes: [UInt8], forKey key: StoreKey, timeToLive: Duration) async throws {
        let command = try command(for: StoreWrite(key: key, bytes: bytes, timeToLive: timeToLive))
        try check(await client(forBytes: command.byteCount).execute(command))
    }

    /// Writes several entries in one round trip, or in one for each 4 MiB.
    public func setValues(_ writes: [StoreWrite]) async throws {
        for reply in try await execute(try writes.map(command)) { try check(reply) }
    }

    /// Replaces what the keys hold in one round trip.
    public func bury(_ keys: [StoreKey], for life: Duration) async throws {
        try checkLife(life)
        let milliseconds = life.serverMilliseconds
        let commands = keys.map { set(SlotContent.makeTombstone(), $0, milliseconds) }
        for reply in try await execute(commands) { try check(reply) }
    }

    /// Compares and writes in a script, one for each key and all in one round trip, or in one for each 4 MiB.
    public func fill(_ fills: [StoreFill]) async throws -> [Bool] {
        let calls = try fills.map { fill in
            try check(fill.write)
            let (name, content) = (name(fill.write.key), SlotContent.entry(fill.write.bytes))
            note(content, as: name)
            return RESPScript.Call(
                keys: [.bytes(name)],
                arguments: [
                    .bytes(SlotContent.bytes(of: fill.version)),
                    .bytes(content),
                    .integer(fill.write.timeToLive.serverMilliseconds),
                ]
            )
        }
        var outcomes: [Bool] = []
        for batch in batches(calls, bytes: \.byteCount) {
            let bytes = batch.reduce(0) { $0 + $1.byteCount }
            let replies = try await client(forBytes: bytes).execute(StoreScripts.fill, calls: batch)
            for reply in replies {
                guard let outcome = reply.integerValue else { throw RESPError.unexpected(reply, to: "a fill") }
                outcomes.append(outcome == 1)
            }
        }
        return outcomes
    }

    // MARK: Commands

    private func command(for write: StoreWrite) throws(RedisStoreError) -> RESPCommand {
        try check(write)
        return set(SlotContent.entry(write.bytes), write.key, write.timeToLive.serverMilliseconds)
    }

    private func set(_ content: [UInt8], _ key: StoreKey, _ milliseconds: Int) -> RESPCommand {
        let name = name(key)
        note(content, as: name)
        return RESPCommand("SET", .bytes(name), .bytes(content), "PX", .integer(milliseconds), isRepeatable: true)
    }

    /// Remembers what is written, to know it when the server tells of it.
    private func note(_ content: [UInt8], as name: [UInt8]) {
        if tracker != nil { recentWrites.withLockedValue { $0.insert(name, content) } }
    }

    private func execute(_ commands: [RESPCommand]) async throws -> [RESPValue] {
        var replies: [RESPValue] = []
        for batch in batches(commands, bytes: \.byteCount) {
            let bytes = batch.reduce(0) { $0 + $1.byteCount }
            replies += try await client(forBytes: bytes).execute(batch)
        }
        return replies
    }

    /// Cuts what is to be sent into pieces of about 4 MiB.
    private func batches<Item>(_ items: [Item], bytes: (Item) -> Int) -> [[Item]] {
        var batches: [[Item]] = []
        var size = Int.max
        for item in items {
            let itemSize = bytes(item)
            if size > 4 << 20 {
                batches.append([])
                size = 0
            }
            batches[batches.count - 1].append(item)
            size += itemSize
        }
        return batches
    }

    // MARK: Checks

    private func check(_ write: StoreWrite) throws(RedisStoreError) {
        try checkLife(write.timeToLive)
        let size = write.key.bytes.count + write.bytes.count
        guard size <= configuration.maximumEntryBytes else {
            throw RedisStoreError(
                .valueTooLarge,
                "\(size) bytes are more than the limit of \(configuration.maximumEntryBytes); raise maximumEntryBytes"
            )
        }
    }

    private func checkLife(_ life: Duration) throws(RedisStoreError) {
        guard life > .zero else {
            throw RedisStoreError(
                .invalidTimeToLive,
                "a life of \(life) is not more than zero; remove the entry instead"
            )
        }
    }

    private func check(_ reply: RESPValue) throws {
        guard reply == .text("OK") else { throw RESPError.unexpected(reply, to: "SET") }
    }
}

extension Duration {
    /// A time to live as the server takes it: at least a millisecond, at most some thousand years.
    fileprivate var serverMilliseconds: Int {
        let limit: Int64 = 100_000_000_000_000
        let seconds = components.seconds
        guard seconds < limit / 1_000 else { return Int(limit) }
        let milliseconds = seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
        return Int(max(1, milliseconds))
    }
}
