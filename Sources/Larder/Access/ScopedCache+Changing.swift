extension ScopedCache {
    // MARK: - Writing

    /// Stores a value in all tiers; see ``TieredCache/setValue(_:forKey:policy:)``.
    ///
    /// - Throws: ``CacheError`` with the code `accessDenied`, and what a cache without a policy throws.
    public func setValue(_ value: Value, forKey key: Key, policy: CachePolicy? = nil) async throws {
        try check(.write, key)
        try await cache.setValue(value, forKey: key, policy: policy)
    }

    /// Stores several values in all tiers; see ``TieredCache/setValues(_:policy:)``.
    ///
    /// - Throws: ``CacheError`` with the code `accessDenied` if one of the keys may not be written; then none is.
    public func setValues(_ values: [Key: Value], policy: CachePolicy? = nil) async throws {
        try check(.write, values.keys)
        try await cache.setValues(values, policy: policy)
    }

    /// Remembers in all tiers that there is no value; see ``TieredCache/setAbsent(forKey:policy:)``.
    public func setAbsent(forKey key: Key, policy: CachePolicy? = nil) async throws {
        try check(.write, key)
        try await cache.setAbsent(forKey: key, policy: policy)
    }

    /// Writes a key at its origin, and then to all tiers what the origin has made of it; see
    /// ``TieredCache/writeValue(forKey:policy:_:)``.
    @discardableResult
    public func writeValue(
        forKey key: Key,
        policy: CachePolicy? = nil,
        _ write: () async throws -> Value?
    ) async throws -> Value? {
        try check(.write, key)
        return try await cache.writeValue(forKey: key, policy: policy, write)
    }

    // MARK: - Invalidating

    /// Removes an entry from all tiers; see ``TieredCache/removeValue(forKey:)``.
    public func removeValue(forKey key: Key) async throws {
        try check(.invalidate, key)
        try await cache.removeValue(forKey: key)
    }

    /// Removes several entries from all tiers; see ``TieredCache/removeValues(forKeys:)``.
    ///
    /// - Throws: ``CacheError`` with the code `accessDenied` if one of the keys may not be removed; then none is.
    public func removeValues(forKeys keys: some Sequence<Key>) async throws {
        let keys = Array(keys)
        try check(.invalidate, keys)
        try await cache.removeValues(forKeys: keys)
    }

    /// Makes what the tiers hold under a key stale; see ``TieredCache/expireValue(forKey:)``.
    public func expireValue(forKey key: Key) async throws {
        try check(.invalidate, key)
        try await cache.expireValue(forKey: key)
    }

    /// Removes all entries whose keys match a pattern from all tiers; see ``TieredCache/removeAll(matching:)``.
    ///
    /// - Throws: ``CacheError`` with the code `accessDenied` unless each key that the pattern matches may be removed.
    public func removeAll(matching pattern: KeyPattern) async throws {
        try check(.invalidate, allMatching: pattern)
        try await cache.removeAll(matching: pattern)
    }

    /// Makes all entries whose keys match a pattern stale; see ``TieredCache/expireAll(matching:)``.
    ///
    /// - Throws: ``CacheError`` with the code `accessDenied` unless each key that the pattern matches may be removed.
    public func expireAll(matching pattern: KeyPattern) async throws {
        try check(.invalidate, allMatching: pattern)
        try await cache.expireAll(matching: pattern)
    }

    /// Removes all entries with a tag from all tiers; see ``TieredCache/removeAll(tagged:)``.
    ///
    /// - Throws: ``CacheError`` with the code `accessDenied` unless each key of the namespace may be removed, since any
    ///   may have the tag.
    public func removeAll(tagged tag: String) async throws {
        try check(.invalidate)
        try await cache.removeAll(tagged: tag)
    }

    /// Makes all entries with a tag stale; see ``TieredCache/expireAll(tagged:)``.
    ///
    /// - Throws: ``CacheError`` with the code `accessDenied` unless each key of the namespace may be removed.
    public func expireAll(tagged tag: String) async throws {
        try check(.invalidate)
        try await cache.expireAll(tagged: tag)
    }

    /// Removes all entries of the namespace from all tiers; see ``TieredCache/removeAll()``.
    public func removeAll() async throws {
        try check(.clear)
        try await cache.removeAll()
    }

    // MARK: - Administering

    /// Takes the cache out of the way, or puts it back; see ``TieredCache/isPassThrough``.
    public func setPassThrough(_ isPassThrough: Bool) throws(CacheError) {
        try check(.administer)
        cache.isPassThrough = isPassThrough
    }
}
