public import MemoryCache

/// A ``TieredCache`` that knows how to load its values.
///
/// Its loader is registered once and may outlive the call that starts it, so a load runs in a task of its own: it
/// goes on when the caller who started it is cancelled, as long as one caller waits for it, and is cancelled when
/// the last has left.
///
/// Make one with ``CacheSystem/cache(_:load:)``.
public final class LoadingCache<Key: CacheKey, Value: Sendable>: Sendable {
    /// The cache below, for reads with another loader, writes and removals.
    public let cache: TieredCache<Key, Value>

    private let load: @Sendable (Key) async throws -> Value?

    init(_ cache: TieredCache<Key, Value>, load: @escaping @Sendable (Key) async throws -> Value?) {
        self.cache = cache
        self.load = load
    }
}

extension LoadingCache {
    /// Reads a value, or loads and caches it.
    ///
    /// - Parameter key: The key of the entry, 1 to ``CacheSystem/Configuration/maximumKeyBytes`` bytes in its
    ///   encoded form.
    /// - Returns: The value: fresh, just loaded, or a stale copy within its grace if loading failed; or `nil` where
    ///   the origin has none.
    /// - Throws: The loader's error; `CancellationError` if the task was cancelled; ``CacheError`` for a key out of
    ///   range, or with the code `loadTimedOut`.
    /// - Complexity: O(1) on a hit in memory, which neither allocates nor suspends.
    @inlinable
    public func value(forKey key: Key) async throws -> Value? {
        let now = cache.time.now
        let cached = cache.memory.value(forKey: key, now: now)
        if let cached, cached.freshUntil > now {
            if cached.refreshAt <= now { refresh(key) }
            return cached.value
        }
        if cached != nil { cache.countUnusedMemoryHit() }
        return try await loadedValue(key)
    }

    /// Reads several values, and loads those that no tier has, each with its own load, a few at a time.
    ///
    /// - Parameter keys: The keys of the entries; repetitions are allowed.
    /// - Returns: The values that there are, under their keys.
    /// - Throws: What ``value(forKey:)`` throws, for the first key that fails.
    public func values(forKeys keys: some Sequence<Key>) async throws -> [Key: Value] {
        var remaining = Set(keys).makeIterator()
        return try await withThrowingTaskGroup(of: (Key, Value?).self) { group in
            func addNext() {
                guard let key = remaining.next() else { return }
                group.addTask { (key, try await self.value(forKey: key)) }
            }
            for _ in 0..<16 { addNext() }
            var values: [Key: Value] = [:]
            while let (key, value) = try await group.next() {
                values[key] = value
                addNext()
            }
            return values
        }
    }

    /// Reads a fresh value from memory alone, without suspending.
    ///
    /// - Parameter key: The key of the entry.
    /// - Returns: The value, or `nil` if memory holds no fresh one.
    /// - Complexity: O(1); does not allocate.
    @inlinable
    public func cachedValue(forKey key: Key) -> Value? {
        cache.cachedValue(forKey: key)
    }

    /// Stores a value in all tiers; see ``TieredCache/setValue(_:forKey:policy:)``.
    public func setValue(_ value: Value, forKey key: Key, policy: CachePolicy? = nil) async throws {
        try await cache.setValue(value, forKey: key, policy: policy)
    }

    /// Removes an entry from all tiers; see ``TieredCache/removeValue(forKey:)``.
    public func removeValue(forKey key: Key) async throws {
        try await cache.removeValue(forKey: key)
    }

    /// Removes all entries of the namespace from all tiers; see ``TieredCache/removeAll()``.
    public func removeAll() async throws {
        try await cache.removeAll()
    }

    /// What the cache has done since it was made, and what it holds in memory.
    public var statistics: CacheStatistics { cache.statistics }

    @usableFromInline
    @inline(never)
    func refresh(_ key: Key) {
        cache.refreshInBackground(key, load)
    }

    @usableFromInline
    func loadedValue(_ key: Key) async throws -> Value? {
        try await cache.resolveInBackground(key, load)
    }
}
