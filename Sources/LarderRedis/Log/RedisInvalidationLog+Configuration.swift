public import RESP

extension RedisInvalidationLog {
    /// Where a log is kept, and its bounds.
    public struct Configuration: Sendable {
        /// How the server is reached, or each server of a cluster, and how long it may take.
        ///
        /// With a `RESPConfiguration.sentinel` it is the server that sentinels name.
        public var connection: RESPConfiguration

        /// What is needed to use a cluster; `nil` is for a server on its own, or one that sentinels name.
        public var cluster: RESPClusterOptions?

        /// What the log is called, 1 to 128 bytes of UTF-8 without braces; logs of the same name are one.
        ///
        /// The server's keys are `{name}:log` and `{name}:log:state`, which a cluster keeps on one node.
        public var name = "larder"

        /// How many records the log keeps, at least 1; 250,000 unless set.
        ///
        /// It may keep some hundred more. A record takes about a hundred bytes of the server's memory and its tags or
        /// keys.
        public var maximumRecords = 250_000

        /// How old a record may be before it is trimmed, more than zero; 7 days unless set.
        ///
        /// Entries in the store that are older than the oldest record are invalid for a process that starts: let
        /// records live as long as entries do.
        public var maximumAge = Duration.seconds(7 * 86_400)

        /// Makes a configuration with the default bounds.
        ///
        /// - Parameter connection: How the server is reached.
        public init(connection: RESPConfiguration = RESPConfiguration()) {
            self.connection = connection
        }
    }
}

extension RedisInvalidationLog.Configuration {
    /// Checks the ranges.
    ///
    /// - Throws: ``RedisStoreError`` with the code `invalidConfiguration`.
    func validate() throws(RedisStoreError) {
        try check(
            1...128 ~= name.utf8.count && !name.contains { "{}".contains($0) },
            "the name of a log has 1 to 128 bytes and no braces"
        )
        try check(maximumRecords >= 1, "a log keeps at least one record")
        try check(maximumAge > .zero, "the greatest age of a record is more than zero")
    }

    private func check(_ condition: Bool, _ rule: String) throws(RedisStoreError) {
        guard condition else { throw RedisStoreError(.invalidConfiguration, "\(rule); correct the configuration") }
    }
}
