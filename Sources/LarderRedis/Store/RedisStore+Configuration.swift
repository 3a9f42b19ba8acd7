public import RESP

extension RedisStore {
    /// Where a store keeps its entries, and its bounds.
    public struct Configuration: Sendable {
        /// How the server is reached, or each server of a cluster, and how long it may take.
        ///
        /// With a `RESPConfiguration.sentinel` it is the server that sentinels name.
        public var connection: RESPConfiguration

        /// What is needed to use a cluster; `nil` is for a server on its own, or one that sentinels name.
        public var cluster: RESPClusterOptions?

        /// What the names of all entries begin with, so that the server may hold other things too.
        ///
        /// Two stores with the same prefix share their entries.
        public var keyPrefix = "larder:"

        /// The largest entry that is stored, in bytes of key and value together, from 1,024 to 512 MiB.
        public var maximumEntryBytes = 4 << 20

        /// From which size on a value counts as large, in bytes, from 1,024.
        ///
        /// Large values and batches travel on a connection of their own, so that small values do not wait for them.
        public var largeValueBytes = 32 << 10

        /// How many keys a step of listing or of removing by prefix looks at, from 1 to 100,000.
        ///
        /// The server does nothing else during a step.
        public var scanStep = 1_000

        /// Whether the server tells of what other programs do to the entries without Larder, as with `DEL` or `SET`; it is a
        /// server of version 6 or newer, and no cluster.
        ///
        /// The server then tells each process of each write to the entries, so that fills of one process take the entry
        /// out of the memory of the others.
        public var tracksOtherPrograms = false

        /// Makes a configuration with the default bounds.
        ///
        /// - Parameter connection: How the server is reached.
        public init(connection: RESPConfiguration = RESPConfiguration()) {
            self.connection = connection
        }
    }
}

extension RedisStore.Configuration {
    /// Checks the ranges.
    ///
    /// - Throws: ``RedisStoreError`` with the code `invalidConfiguration`.
    func validate() throws(RedisStoreError) {
        try check(1_024...512 << 20 ~= maximumEntryBytes, "an entry may have from 1,024 bytes to 512 MiB")
        try check(largeValueBytes >= 1_024, "a value of less than 1,024 bytes is not large")
        try check(1...100_000 ~= scanStep, "a step looks at 1 to 100,000 keys")
        try check(
            !tracksOtherPrograms || cluster == nil && connection.protocolVersion >= 3 && !keyPrefix.isEmpty,
            "other programs are tracked on a server that is no cluster, by version 3 of the protocol and a key prefix"
        )
        try check(
            connection.maximumReplyBytes > maximumEntryBytes && connection.maximumPendingBytes > maximumEntryBytes,
            "the connection has to take replies and commands of the size of the largest entry"
        )
    }

    private func check(_ condition: Bool, _ rule: String) throws(RedisStoreError) {
        guard condition else { throw RedisStoreError(.invalidConfiguration, "\(rule); correct the configuration") }
    }
}
