extension ScopedCache {
    /// Reads a value, or loads and caches it; see ``TieredCache/value(forKey:policy:options:orLoad:)``.
    ///
    /// - Throws: ``CacheError`` with the code `accessDenied`, and what a cache without a policy throws.
    /// - Complexity: O(1) on a hit in memory, which neither allocates nor suspends once the rights to the key are known.
    @inlinable
    @inline(__always)
    public func value(
        forKey key: Key,
        policy: CachePolicy? = nil,
        options: ReadOptions = [],
        orLoad load: (Key) async throws -> Value
    ) async throws -> Value {
        try check(.read, key)
        return try await cache.value(forKey: key, policy: policy, options: options, orLoad: load)
    }

    /// Reads a value that the origin may not have, or loads it and caches the value or its absence; see
    /// ``TieredCache/valueIfPresent(forKey:policy:options:orLoad:)``.
    @inlinable
    @inline(__always)
    public func valueIfPresent(
        forKey key: Key,
        policy: CachePolicy? = nil,
        options: ReadOptions = [],
        orLoad load: (Key) async throws -> Value?
    ) async throws -> Value? {
        try check(.read, key)
        return try await cache.valueIfPresent(forKey: key, policy: policy, options: options, orLoad: load)
    }

    /// Reads a value, or loads and caches it, and tells where the answer came from; see
    /// ``TieredCache/result(forKey:policy:options:orLoad:)``.
    public func result(
        forKey key: Key,
        policy: CachePolicy? = nil,
        options: ReadOptions = [],
        orLoad load: (Key, inout LoadContext<Value>) async throws -> LoadResult<Value>
    ) async throws -> CacheResult<Value> {
        try check(.read, key)
        return try await cache.result(forKey: key, policy: policy, options: options, orLoad: load)
    }

    /// Reads several values, and loads those that no tier has; see ``TieredCache/values(forKeys:policy:options:orLoad:)``.
    ///
    /// - Throws: ``CacheError`` with the code `accessDenied` if one of the keys may not be read; then none is.
    public func values(
        forKeys keys: some Sequence<Key>,
        orLoad load: ([Key]) async throws -> [Key: Value]
    ) async throws -> [Key: Value] {
        let keys = Array(keys)
        try check(.read, keys)
        return try await cache.values(forKeys: keys, orLoad: load)
    }

    /// Reads a value from memory or the store, without loading it; see ``TieredCache/value(forKey:options:)``.
    public func value(forKey key: Key, options: ReadOptions = []) async throws -> Value? {
        try check(.read, key)
        return try await cache.value(forKey: key, options: options)
    }

    /// Reads an entry from memory or the store, without loading it; see ``TieredCache/result(forKey:options:)``.
    public func result(forKey key: Key, options: ReadOptions = []) async throws -> CacheResult<Value>? {
        try check(.read, key)
        return try await cache.result(forKey: key, options: options)
    }

    /// Reads a fresh value from memory alone, without suspending.
    @inlinable
    public func cachedValue(forKey key: Key) throws(CacheError) -> Value? {
        try check(.read, key)
        return cache.cachedValue(forKey: key)
    }

    /// Tells what each tier holds under a key; see ``TieredCache/explain(_:)``.
    public func explain(_ key: Key) async throws -> EntryExplanation {
        try check(.inspect, key)
        return try await cache.explain(key)
    }

    /// What the cache has done since it was made, for those who may inspect all of its keys.
    public func statistics() throws(CacheError) -> CacheStatistics {
        try check(.inspect)
        return cache.statistics
    }
}
