extension LoadingCache {
    /// Puts what the store has of some keys into memory, and says what is left to load.
    func findCold(_ keys: [Key]) async throws -> WarmingBatch {
        var batch = WarmingBatch()
        var cold: [Key] = []
        for key in keys {
            if let held = cache.held(key), held.value.freshUntil > cache.clock.now {
                batch.fresh += 1
            } else if await cache.readStore(key, try cache.storeKey(key), []) != nil {
                batch.fromStore += 1
            } else {
                cold.append(key)
            }
        }
        batch.cold = cold.count
        let missing = cold
        batch.load = { [self] in try await loadAhead(missing) }
        return batch
    }

    /// Loads keys ahead of those who will ask for them, through the flights that all loads share.
    ///
    /// It counts as no read of the keys. All are asked for with one call where the loader takes several.
    ///
    /// - Throws: What the loader throws, or ``CacheError`` with the code `originUnavailable` if a stale copy stood in.
    func loadAhead(_ keys: [Key]) async throws {
        var results: [CacheResult<Value>] = []
        if let loadMany {
            results =
                try await cache.results(forKeys: keys, options: .ahead) { keys in
                    let values = try await loadMany(keys)
                    return Dictionary(uniqueKeysWithValues: keys.map { ($0, LoadResult(values[$0])) })
                }
                .values.map { try $0.get() }
        } else {
            for key in keys { results.append(try await loadedResult(key, nil, .ahead)) }
        }
        guard results.allSatisfy({ !$0.isStale && $0.source != .defaultValue }) else { throw Self.staleLoad }
    }

    private static var staleLoad: CacheError {
        CacheError(.originUnavailable, "A load ahead failed, and a stale copy stood in; it will be tried again.")
    }
}
