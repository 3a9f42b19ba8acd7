/// What one tenant has in a ``TieredCache`` of all of them.
///
/// A small value that costs nothing to make; make one for each request.
public struct TenantCache<Key: CacheKey, Value: Sendable>: Sendable {
    /// The entries of all tenants.
    public let cache: TieredCache<TenantKey<Key>, Value>

    /// Whose entries this view shows.
    public let tenant: Tenant

    @inlinable
    init(_ cache: TieredCache<TenantKey<Key>, Value>, _ tenant: Tenant) {
        self.cache = cache
        self.tenant = tenant
    }

    /// Reads a value, or loads and caches it; see ``TieredCache/value(forKey:policy:options:orLoad:)``.
    @inlinable
    @inline(__always)
    public func value(
        forKey key: Key,
        policy: CachePolicy? = nil,
        options: ReadOptions = [],
        orLoad load: (Key) async throws -> Value
    ) async throws -> Value {
        try await cache.value(forKey: TenantKey(tenant, key), policy: policy, options: options) { _ in
            try await load(key)
        }
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
        try await cache.valueIfPresent(forKey: TenantKey(tenant, key), policy: policy, options: options) { _ in
            try await load(key)
        }
    }

    /// Reads a value from memory or the store, without loading it; see ``TieredCache/value(forKey:options:)``.
    public func value(forKey key: Key, options: ReadOptions = []) async throws -> Value? {
        try await cache.value(forKey: TenantKey(tenant, key), options: options)
    }

    /// Reads a fresh value from memory alone, without suspending.
    @inlinable
    public func cachedValue(forKey key: Key) -> Value? {
        cache.cachedValue(forKey: TenantKey(tenant, key))
    }

    /// Stores a value in all tiers; see ``TieredCache/setValue(_:forKey:policy:)``.
    public func setValue(_ value: Value, forKey key: Key, policy: CachePolicy? = nil) async throws {
        try await cache.setValue(value, forKey: TenantKey(tenant, key), policy: policy)
    }

    /// Removes an entry from all tiers; see ``TieredCache/removeValue(forKey:)``.
    public func removeValue(forKey key: Key) async throws {
        try await cache.removeValue(forKey: TenantKey(tenant, key))
    }

    /// Makes what the tiers hold under a key stale; see ``TieredCache/expireValue(forKey:)``.
    public func expireValue(forKey key: Key) async throws {
        try await cache.expireValue(forKey: TenantKey(tenant, key))
    }

    /// Removes all entries of the tenant, and no others, from all tiers; see ``TieredCache/removeAll(matching:)``.
    public func removeAll() async throws {
        try await removeAll(matching: KeyPattern("*"))
    }

    /// Removes those entries of the tenant whose keys match a pattern from all tiers; see
    /// ``TieredCache/removeAll(matching:)``.
    ///
    /// - Parameter pattern: The pattern, of the key in its encoded form without namespace and tenant.
    /// - Throws: What ``TieredCache/removeAll(matching:)`` throws.
    public func removeAll(matching pattern: KeyPattern) async throws {
        var encoder = CacheKeyEncoder()
        encoder.append(contentsOf: tenant)
        let own = KeyPattern.escaping(String(decoding: encoder.bytes, as: UTF8.self))
        try await cache.removeAll(matching: KeyPattern("\(own):\(pattern.text)"))
    }
}

extension TieredCache {
    /// What one tenant has in this cache.
    ///
    /// - Parameter tenant: Whose entries to show.
    /// - Returns: A view that reaches no other entries.
    /// - Complexity: O(1).
    @inlinable
    public func tenant<Local>(_ tenant: Tenant) -> TenantCache<Local, Value> where Key == TenantKey<Local> {
        TenantCache(self, tenant)
    }
}
