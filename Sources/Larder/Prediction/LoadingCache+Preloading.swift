extension LoadingCache {
    /// Loads a key before it is read, or anew before it expires, through the flights that all loads share.
    ///
    /// A refresh goes on behind this call.
    ///
    /// - Throws: What ``loadAhead(_:)`` throws.
    func preload(_ key: Key) async throws {
        let now = cache.clock.now
        guard let held = cache.held(key), held.value.freshUntil > now else { return try await loadAhead([key]) }
        cache.setNextLoad(of: key, to: now, ifStoredAt: held.value.storedAt)
        refresh(key)
    }
}

extension TieredCache {
    /// Has a preloader hear of each entry that is put into memory: its key, until when it is fresh, what its load took.
    func onFill(_ body: @escaping @Sendable (Key, UInt64, Duration) -> Void) {
        fillListener.withLock { $0 = Callback { body($0.0, $0.1, $0.2) } }
    }
}
