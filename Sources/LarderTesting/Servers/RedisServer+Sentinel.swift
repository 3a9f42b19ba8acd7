extension RedisServer {
    /// Starts a sentinel that watches a server under the name `main`; two sentinels have to agree that it is gone.
    ///
    /// - Parameters:
    ///   - primary: The server to watch.
    ///   - patience: After how many milliseconds of silence it counts as gone.
    /// - Returns: The sentinel.
    /// - Throws: ``RedisServerError`` if there is no `redis-server`, or if it does not start.
    public static func startSentinel(of primary: RedisServer, patience: Int) async throws -> RedisServer {
        try await start(
            .sentinel(
                configuration: """
                    sentinel monitor main 127.0.0.1 \(primary.port) 2
                    sentinel down-after-milliseconds main \(patience)
                    sentinel failover-timeout main \(5 * patience)

                    """
            )
        )
    }
}
