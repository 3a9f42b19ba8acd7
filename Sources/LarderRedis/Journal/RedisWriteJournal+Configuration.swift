public import RESP

extension RedisWriteJournal {
    /// Where a journal is kept, and its bounds.
    public struct Configuration: Sendable {
        /// How the server is reached, or each server of a cluster, and how long it may take.
        ///
        /// With a `RESPConfiguration.sentinel` it is the server that sentinels name.
        public var connection: RESPConfiguration

        /// What is needed to use a cluster; `nil` is for a server on its own, or one that sentinels name.
        public var cluster: RESPClusterOptions?

        /// What the journal is called, 1 to 128 bytes of UTF-8 without braces; one process at a time owns a name.
        public var name: String

        /// How long an owner may show no life before another process takes the journal from it, from 100 milliseconds
        /// to an hour; 10 seconds unless set.
        public var leaseDuration = Duration.seconds(10)

        /// How long ``RedisWriteJournal/open()`` waits for a journal that another process has, from zero to a day; 30
        /// seconds unless set.
        public var takeOverTimeout = Duration.seconds(30)

        /// How many records may be pending, at least 1; 1,000,000 unless set.
        ///
        /// Past it, writes are refused. The cache bounds what it has pending by itself, well below that.
        public var maximumRecords = 1_000_000

        /// How many dead letters are kept, at least 1; 100,000 unless set.
        ///
        /// Past it, writes that are to be given up stay pending until some dead letters are replayed or dropped.
        public var maximumDeadLetters = 100_000

        /// Makes a configuration with the default bounds.
        ///
        /// - Parameters:
        ///   - name: What the journal is called.
        ///   - connection: How the server is reached.
        public init(name: String, connection: RESPConfiguration = RESPConfiguration()) {
            self.name = name
            self.connection = connection
        }
    }
}

extension RedisWriteJournal.Configuration {
    /// Checks the ranges.
    ///
    /// - Throws: ``RedisStoreError`` with the code `invalidConfiguration`.
    func validate() throws(RedisStoreError) {
        try check(
            1...128 ~= name.utf8.count && !name.contains { "{}".contains($0) },
            "the name of a journal has 1 to 128 bytes and no braces"
        )
        try check(
            .milliseconds(100) ... .seconds(3_600) ~= leaseDuration,
            "a lease takes from 100 milliseconds to an hour"
        )
        try check(.zero ... .seconds(86_400) ~= takeOverTimeout, "a takeover may take from zero to a day")
        try check(maximumRecords >= 1 && maximumDeadLetters >= 1, "a journal keeps a record and a dead letter at least")
    }

    private func check(_ condition: Bool, _ rule: String) throws(RedisStoreError) {
        guard condition else { throw RedisStoreError(.invalidConfiguration, "\(rule); correct the configuration") }
    }
}
