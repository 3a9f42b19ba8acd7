extension CacheSystem {
    /// The settings that all caches of a system share.
    public struct Configuration: Hashable, Sendable {
        /// Stands before all keys of this system in the store, 1 to 64 bytes of UTF-8; systems that share a store
        /// and use the same prefix share their entries.
        public var keyPrefix: String

        /// The longest key in its encoded form, in bytes, from 1 to 65,535.
        public var maximumKeyBytes: Int

        /// How long an operation of the store may take before the cache goes on without it, more than zero and at
        /// most a day; removing a whole namespace may take twenty times as long.
        public var storeTimeout: Duration

        /// When the store is left alone for a while because it fails or is slow; `nil` asks it whatever it does.
        public var storeBreaker: CircuitBreaker.Configuration? = .store

        /// For how long memory is trusted without a word from the invalidation log that processes share, from a second
        /// to a day; after that its entries are served as stale copies at most, and the others are loaded.
        public var maximumSilence: Duration = .seconds(5)

        /// What is measured beside the counters.
        public var monitoring = MonitoringRules()

        /// How many loads of each namespace may wait for the store to take their values while their callers have them
        /// already, at least 0; past it, the value that has waited longest is not stored.
        ///
        /// With 0 callers wait for the store, up to ``storeTimeout``; then another process that is told of the value finds
        /// it there. Loads with a lease always wait.
        public var maximumPendingFills = 0

        /// How often failures of the store are logged, from zero to a day.
        public var failureLogInterval: Duration

        /// How often expired entries are looked for in memory while ``CacheSystem/run()`` runs, more than zero and at
        /// most a day.
        public var sweepInterval: Duration

        /// How many keys whose write or removal failed in the store are kept in mind for each namespace, so that
        /// no old value is read from there; at least 1.
        ///
        /// Past it, the whole namespace is not read from the store
        /// until ``TieredCache/removeAll()`` succeeds.
        public var maximumDistrustedKeys: Int

        /// Makes a configuration.
        ///
        /// - Parameters:
        ///   - keyPrefix: Stands before all keys in the store.
        ///   - maximumKeyBytes: The longest key in its encoded form, in bytes.
        ///   - storeTimeout: How long an operation of the store may take.
        ///   - failureLogInterval: How often failures of the store are logged.
        ///   - sweepInterval: How often expired entries are looked for in memory.
        ///   - maximumDistrustedKeys: How many keys with failed writes are kept in mind.
        public init(
            keyPrefix: String = "larder",
            maximumKeyBytes: Int = 1_024,
            storeTimeout: Duration = .milliseconds(250),
            failureLogInterval: Duration = .seconds(60),
            sweepInterval: Duration = .seconds(10),
            maximumDistrustedKeys: Int = 10_000
        ) {
            self.keyPrefix = keyPrefix
            self.maximumKeyBytes = maximumKeyBytes
            self.storeTimeout = storeTimeout
            self.failureLogInterval = failureLogInterval
            self.sweepInterval = sweepInterval
            self.maximumDistrustedKeys = maximumDistrustedKeys
        }

        func validate() throws(CacheError) {
            try storeBreaker?.validate()
            try monitoring.validate()
            guard maximumSilence >= .seconds(1), maximumSilence <= .seconds(86_400) else {
                throw CacheError(.invalidConfiguration, "maximumSilence is \(maximumSilence); give a second to a day.")
            }
            try check((1...64).contains(keyPrefix.utf8.count), "keyPrefix has to have 1 to 64 bytes")
            try check((1...65_535).contains(maximumKeyBytes), "maximumKeyBytes has to be from 1 to 65,535")
            try check(isPositive(storeTimeout), "storeTimeout has to be more than zero and at most a day")
            let isIntervalValid = failureLogInterval == .zero || isPositive(failureLogInterval)
            try check(isIntervalValid, "failureLogInterval has to be from zero to a day")
            try check(isPositive(sweepInterval), "sweepInterval has to be more than zero and at most a day")
            try check(maximumPendingFills >= 0, "maximumPendingFills has to be at least 0")
            try check(maximumDistrustedKeys >= 1, "maximumDistrustedKeys has to be at least 1")
        }

        private func isPositive(_ duration: Duration) -> Bool { duration > .zero && duration <= .seconds(86_400) }

        private func check(_ condition: Bool, _ rule: String) throws(CacheError) {
            guard condition else { throw CacheError(.invalidConfiguration, "The setting \(rule).") }
        }
    }
}
