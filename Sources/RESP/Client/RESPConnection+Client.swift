extension RESPConnection: RESPClient {
    /// Sends several commands in one piece and waits for all replies.
    ///
    /// - Parameter commands: The commands.
    /// - Returns: A reply for each command, in order; some may be errors.
    /// - Throws: ``RESPError``; `CancellationError` if the task is cancelled.
    public func execute(_ commands: [RESPCommand]) async throws -> [RESPValue] {
        try await execute(RESPPipeline(commands))
    }

    /// All keys in one part, as they are on one server.
    public func parts(of keys: [[UInt8]]) -> [[Int]] {
        keys.isEmpty ? [] : [Array(keys.indices)]
    }

    /// Makes a subscriber of the same server.
    public func subscriber(channels: [String], patterns: [String] = []) throws(RESPError) -> RESPSubscriber {
        try RESPSubscriber(configuration, channels: channels, patterns: patterns, group: group, logger: logger)
    }

    /// This connection alone.
    public func primaries() -> [RESPConnection] { [self] }
}
