public import MemoryCache

/// A ``TieredCache`` that knows how to load its values.
///
/// Its loader is registered once and may outlive the call that starts it, so a load runs in a task of its own: it
/// goes on when the caller who started it is cancelled, as long as one caller waits for it, and is cancelled when
/// the last has left.
///
/// Make one with ``CacheSystem/cache(_:load:)-(_,(Key)->Value?)``.
public final class LoadingCache<Key: CacheKey, Value: Sendable>: Sendable {
    /// The cache below, for reads with another loader, writes and removals.
    public let cache: TieredCache<Key, Value>

    private let load: TieredCache<Key, Value>.BackgroundLoader
    /// Whether the loader takes several keys at once.
    var takesSeveral: Bool { loadMany != nil }

    let loadMany: (@Sendable ([Key]) async throws -> [Key: Value])?
    private let isBatched: Bool
    private let timer: RefreshTimer<Key>?

    init(_ cache: TieredCache<Key, Value>, load: @escaping TieredCache<Key, Value>.BackgroundLoader) {
        self.cache = cache
        self.load = load
        loadMany = nil
        isBatched = false
        timer = Self.makeTimer(cache, isBatched: false, load)
    }

    init(
        _ cache: TieredCache<Key, Value>,
        _ batching: LoadBatching?,
        loadMany: @escaping @Sendable ([Key]) async throws -> [Key: Value]
    ) {
        self.cache = cache
        self.loadMany = loadMany
        if let batching {
            let batcher = LoadBatcher<Key, Value>(
                window: batching.window,
                maximumBatch: cache.namespace.maximumBatch,
                clock: cache.clock
            ) { keys in
                try await cache.askTogether { try await loadMany(keys) }
            }
            load = { key, _ in LoadResult(try await batcher.load(key)) }
            isBatched = true
        } else {
            load = { key, _ in LoadResult(try await loadMany([key])[key]) }
            isBatched = false
        }
        timer = Self.makeTimer(cache, isBatched: batching != nil, load)
    }

    private static func makeTimer(
        _ cache: TieredCache<Key, Value>,
        isBatched: Bool,
        _ load: @escaping TieredCache<Key, Value>.BackgroundLoader
    ) -> RefreshTimer<Key>? {
        guard cache.namespace.policy.refreshAhead.interval != nil else { return nil }
        let timer = RefreshTimer<Key>(clock: cache.clock)
        timer.start { [weak cache] key in cache?.refreshInBackground(key, isBatched: isBatched, load) }
        return timer
    }
}

extension LoadingCache {
    /// Reads a value, or loads and caches it.
    ///
    /// - Parameters:
    ///   - key: The key of the entry, 1 to ``CacheSystem/Configuration/maximumKeyBytes`` bytes in its encoded form.
    ///   - policy: The policy of what is loaded and the timeouts of this call; the namespace's unless given. It is not
    ///     looked at on a hit.
    ///   - options: What this read does differently.
    /// - Returns: The value: fresh, just loaded, or a stale copy within its grace if loading failed or takes longer than
    ///   the policy's ``CachePolicy/softTimeout``; or `nil` where the origin has none.
    /// - Throws: The loader's error; `CancellationError` if the task was cancelled; ``CacheError`` for a key or a policy
    ///   out of range, or with the codes `loadTimedOut`, after the policy's ``CachePolicy/hardTimeout`` at the latest,
    ///   and `overloaded`.
    /// - Complexity: O(1) on a hit in memory, which neither allocates nor suspends.
    @inlinable
    @inline(__always)
    public func value(
        forKey key: Key,
        policy: CachePolicy? = nil,
        options: ReadOptions = []
    ) async throws -> Value? {
        let now = cache.time.now
        if options.takesHitAtOnce, let entry = cache.look(key, now) {
            if entry.freshUntil > now, entry.mark >= cache.coherence.lazyMark(at: now) {
                if entry.nextLoad <= now { refresh(key) }
                return entry.value
            }
            cache.countUnusedMemoryHit()
        }
        return try await loadedResult(key, policy, options).value
    }

    /// Reads a value, or loads and caches it, and tells where the answer came from.
    ///
    /// - Parameters:
    ///   - key: The key of the entry, 1 to ``CacheSystem/Configuration/maximumKeyBytes`` bytes in its encoded form.
    ///   - policy: The policy of what is loaded and the timeouts of this call; the namespace's unless given. It is not
    ///     looked at on a hit.
    ///   - options: What this read does differently.
    /// - Returns: The answer, with its source and its age.
    /// - Throws: What ``value(forKey:policy:options:)`` throws.
    public func result(
        forKey key: Key,
        policy: CachePolicy? = nil,
        options: ReadOptions = []
    ) async throws -> CacheResult<Value> {
        let now = cache.time.now
        if options.takesHitAtOnce, let entry = cache.memory.value(forKey: key, now: now) {
            if entry.freshUntil > now, entry.mark >= cache.coherence.lazyMark(at: now) {
                if entry.nextLoad <= now { refresh(key) }
                return cache.answer(entry, at: now)
            }
            cache.countUnusedMemoryHit()
        }
        return try await loadedResult(key, policy, options)
    }

    /// Reads several values, and loads those that no tier has: with one call if the loader takes several keys, or else
    /// each with its own load, a few at a time.
    ///
    /// - Parameter keys: The keys of the entries; repetitions are allowed.
    /// - Returns: The values that there are, under their keys.
    /// - Throws: What ``value(forKey:policy:options:)`` throws, for the first key that fails.
    public func values(forKeys keys: some Sequence<Key>) async throws -> [Key: Value] {
        if let loadMany { return try await cache.values(forKeys: keys, orLoad: loadMany) }
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
        if let timer, let interval = cache.namespace.policy.refreshAhead.interval,
            cache.scheduleRefresh(key, every: interval, timer)
        {
            return
        }
        cache.refreshInBackground(key, isBatched: isBatched, load)
    }

    @usableFromInline
    func loadedResult(
        _ key: Key,
        _ policy: CachePolicy?,
        _ options: ReadOptions
    ) async throws -> CacheResult<Value> {
        try await cache.resolveInBackground(key, policy, options, isBatched: isBatched, load)
    }
}
