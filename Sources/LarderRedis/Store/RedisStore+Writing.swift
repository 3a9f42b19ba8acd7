public import Larder
import RESP

extension RedisStore {
    /// Writes one entry in one round trip.
    public func setValue(_ bytes: [UInt8], forKey key: StoreKey, timeToLive: Duration) async throws {
        let command = try command(for: StoreWrite(key: key, bytes: bytes, timeToLive: timeToLive))
        try check(await connection(forBytes: command.byteCount).execute(command), "SET")
    }

    /// Writes several entries in one round trip, or in one for each 4 MiB.
    public func setValues(_ writes: [StoreWrite]) async throws {
        let commands = try writes.map(command)
        var pipeline = RESPPipeline()
        for (index, command) in commands.enumerated() {
            pipeline.append(command)
            guard pipeline.byteCount >= 4 << 20 || index == commands.count - 1 else { continue }
            for reply in try await large.execute(pipeline) { try check(reply, "SET") }
            pipeline = RESPPipeline()
        }
    }

    private func command(for write: StoreWrite) throws(RedisStoreError) -> RESPCommand {
        guard write.timeToLive > .zero else {
            throw RedisStoreError(
                .invalidTimeToLive,
                "a time to live of \(write.timeToLive) is not more than zero; remove the entry instead"
            )
        }
        let size = write.key.bytes.count + write.bytes.count
        guard size <= configuration.maximumEntryBytes else {
            throw RedisStoreError(
                .valueTooLarge,
                "\(size) bytes are more than the limit of \(configuration.maximumEntryBytes); raise maximumEntryBytes"
            )
        }
        return RESPCommand(
            "SET",
            .bytes(name(write.key)),
            .bytes(write.bytes),
            "PX",
            .integer(write.timeToLive.serverMilliseconds),
            isRepeatable: true
        )
    }

    private func check(_ reply: RESPValue, _ command: String) throws {
        guard reply == .text("OK") else { throw RESPError.unexpected(reply, to: command) }
    }
}

extension Duration {
    /// A time to live as the server takes it: at least a millisecond, at most some thousand years.
    var serverMilliseconds: Int {
        let limit: Int64 = 100_000_000_000_000
        let seconds = components.seconds
        guard seconds < limit / 1_000 else { return Int(limit) }
        let milliseconds = seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
        return Int(max(1, milliseconds))
    }
}
