/// What one principal may do with a ``LoadingCache``; see ``ScopedCache``.
public struct ScopedLoadingCache<Key: CacheKey, Value: Sendable>: Sendable {
    /// The view of the cache below, for reads with another loader, writes and removals.
    public let cache: ScopedCache<Key, Value>

    @usableFromInline let loading: LoadingCache<Key, Value>

    init(_ loading: LoadingCache<Key, Value>, _ cache: ScopedCache<Key, Value>) {
        self.loading = loading
        self.cache = cache
    }

    /// Reads a value, or loads and caches it; see ``LoadingCache/value(forKey:policy:options:)``.
    ///
    /// - Throws: ``CacheError`` with the code `accessDenied`, and what a cache without a policy throws.
    @inlinable
    @inline(__always)
    public func value(forKey key: Key, policy: CachePolicy? = nil, options: ReadOptions = []) async throws -> Value? {
        try cache.check(.read, key)
        return try await loading.value(forKey: key, policy: policy, options: options)
    }

    /// Reads a value, or loads and caches it, and tells where the answer came from; see
    /// ``LoadingCache/result(forKey:policy:options:)``.
    public func result(
        forKey key: Key,
        policy: CachePolicy? = nil,
        options: ReadOptions = []
    ) async throws -> CacheResult<Value> {
        try cache.check(.read, key)
        return try await loading.result(forKey: key, policy: policy, options: options)
    }

    /// Reads several values, and loads those that no tier has; see ``LoadingCache/values(forKeys:)``.
    ///
    /// - Throws: ``CacheError`` with the code `accessDenied` if one of the keys may not be read; then none is.
    public func values(forKeys keys: some Sequence<Key>) async throws -> [Key: Value] {
        let keys = Array(keys)
        try cache.check(.read, keys)
        return try await loading.values(forKeys: keys)
    }
}

extension LoadingCache {
    /// What somebody may do with this cache; see ``TieredCache/scoped(to:)``.
    ///
    /// - Parameter principal: On whose behalf the cache is used.
    /// - Returns: A view that asks the access policy of the system before each call.
    /// - Throws: ``CacheError`` with the code `invalidConfiguration` if the system has no ``AccessControl``.
    public func scoped(to principal: Principal) throws(CacheError) -> ScopedLoadingCache<Key, Value> {
        ScopedLoadingCache(self, try cache.scoped(to: principal))
    }
}
