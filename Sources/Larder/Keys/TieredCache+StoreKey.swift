extension TieredCache {
    /// The form that a key has in the store and in the invalidation log, with all that stands before it.
    ///
    /// It names the entry outside the cache, as in the tag of a response that was made of it.
    ///
    /// - Parameter key: The key of an entry.
    /// - Returns: The key in the store.
    /// - Throws: ``CacheError`` with the code `invalidKey` for one that is empty or too long.
    /// - Complexity: O(length of the key).
    public func storeKey(forKey key: Key) throws(CacheError) -> StoreKey { try storeKey(key) }
}
