/// A store behind a breaker: while the store fails or is slow, calls are refused at once.
///
/// ```swift
/// let store = try CircuitBreakerStore(wrapping: SQLiteStore(path: "cache.sqlite"))
/// let caches = try CacheSystem(store: store)
/// ```
///
/// Listing keys and removing by prefix may take as long as the store is large, and are never slow.
public struct CircuitBreakerStore: RemoteStore {
    /// The breaker, for its state and statistics.
    public let breaker: CircuitBreaker

    private let store: any RemoteStore

    /// Puts a store behind a breaker.
    ///
    /// - Parameters:
    ///   - store: The store.
    ///   - breaker: The breaker, which several stores on one server may share.
    public init(wrapping store: any RemoteStore, breaker: CircuitBreaker) {
        self.store = store
        self.breaker = breaker
    }

    /// Puts a store behind a breaker of its own.
    ///
    /// - Parameters:
    ///   - store: The store.
    ///   - configuration: When the breaker opens, and how it comes to close again.
    ///   - clock: The clock of durations; `nil` for the system's monotonic clock.
    /// - Throws: ``CacheError`` with the code `invalidConfiguration` that says which setting is out of its range.
    public init(
        wrapping store: any RemoteStore,
        configuration: CircuitBreaker.Configuration = .store,
        clock: (any Clock<Duration>)? = nil
    ) throws(CacheError) {
        let breaker = try CircuitBreaker("store", configuration: configuration, clock: clock)
        self.init(wrapping: store, breaker: breaker)
    }

    /// Asks the store, if the breaker lets it.
    private func call<Result>(isTimed: Bool = true, _ operation: () async throws -> Result) async throws -> Result {
        let call = try breaker.begin(refusingWith: .storeUnavailable, isTimed: isTimed)
        return try await breaker.run(call, operation)
    }

    // MARK: - The store

    /// What the store says.
    public var boundsItsLatency: Bool { store.boundsItsLatency }

    /// What the store says.
    public var maximumEntryBytes: Int { store.maximumEntryBytes }

    /// Reads one entry.
    public func value(forKey key: StoreKey) async throws -> StoredValue? {
        try await call { try await store.value(forKey: key) }
    }

    /// Reads several entries.
    public func values(forKeys keys: [StoreKey]) async throws -> [StoredValue?] {
        try await call { try await store.values(forKeys: keys) }
    }

    /// Reads several keys with their versions.
    public func slots(forKeys keys: [StoreKey]) async throws -> [StoreSlot] {
        try await call { try await store.slots(forKeys: keys) }
    }

    /// Writes one entry.
    public func setValue(_ bytes: [UInt8], forKey key: StoreKey, timeToLive: Duration) async throws {
        try await call { try await store.setValue(bytes, forKey: key, timeToLive: timeToLive) }
    }

    /// Writes several entries.
    public func setValues(_ writes: [StoreWrite]) async throws {
        try await call { try await store.setValues(writes) }
    }

    /// Writes entries whose keys still have the versions that were read.
    public func fill(_ fills: [StoreFill]) async throws -> [Bool] {
        try await call { try await store.fill(fills) }
    }

    /// Removes entries, and leaves tombstones.
    public func bury(_ keys: [StoreKey], for life: Duration) async throws {
        try await call { try await store.bury(keys, for: life) }
    }

    /// Removes one entry.
    @discardableResult
    public func removeValue(forKey key: StoreKey) async throws -> Bool {
        try await call { try await store.removeValue(forKey: key) }
    }

    /// Removes several entries.
    @discardableResult
    public func removeValues(forKeys keys: [StoreKey]) async throws -> Int {
        try await call { try await store.removeValues(forKeys: keys) }
    }

    /// Removes entries whose keys still have the versions that were read.
    @discardableResult
    public func remove(_ removals: [StoreRemoval]) async throws -> Int {
        try await call { try await store.remove(removals) }
    }

    /// Lists live keys that start with a prefix.
    public func keys(withPrefix prefix: StoreKey, after key: StoreKey?, limit: Int) async throws -> [StoreKey] {
        try await call(isTimed: false) { try await store.keys(withPrefix: prefix, after: key, limit: limit) }
    }

    /// Removes all entries whose keys start with a prefix.
    @discardableResult
    public func removeAll(withPrefix prefix: StoreKey) async throws -> Int {
        try await call(isTimed: false) { try await store.removeAll(withPrefix: prefix) }
    }

    /// Shuts the store down, whatever the breaker says.
    public func shutdown() async {
        await store.shutdown()
    }
}
