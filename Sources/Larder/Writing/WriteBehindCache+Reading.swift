import MemoryCache
import Synchronization

extension WriteBehindCache {
    /// Reads a value, pending or from the tiers, without loading it.
    ///
    /// - Parameter key: The key of the entry.
    /// - Returns: The value. `nil` if it is pending deletion, if no tier has a fresh one, or if merges are pending and
    ///   no tier has what they are to be merged into.
    /// - Throws: What ``TieredCache/value(forKey:options:)`` throws.
    public func value(forKey key: Key) async throws -> Value? {
        try await read(key) { key in
            guard let base = try await cache.value(forKey: key) else { return .unknown }
            return .value(base)
        }
    }

    /// Reads a value, pending or from the tiers, or loads it.
    ///
    /// Pending merges are merged into what is cached or loaded. Within the time of one call of the sink they may be
    /// counted twice by a reader who loads at that very moment; what is cached never has them twice.
    ///
    /// - Parameters:
    ///   - key: The key of the entry.
    ///   - policy: The policy of what is loaded; the namespace's unless given.
    ///   - load: Produces the value from the origin, or `nil` where it has none. It is not asked about a key whose
    ///     value or deletion is pending.
    /// - Returns: The value, or `nil` where there is none.
    /// - Throws: What ``TieredCache/valueIfPresent(forKey:policy:options:orLoad:)`` throws.
    /// - Complexity: O(1) on a hit in memory; takes a lock while any write is pending.
    public func value(
        forKey key: Key,
        policy: CachePolicy? = nil,
        orLoad load: (Key) async throws -> Value?
    ) async throws -> Value? {
        try await read(key) { key in
            .value(try await cache.valueIfPresent(forKey: key, policy: policy, orLoad: load))
        }
    }

    /// Reads a pending value or a fresh one from memory, without suspending.
    ///
    /// - Parameter key: The key of the entry.
    /// - Returns: The value, or `nil` if it is pending deletion or memory holds no fresh one.
    /// - Complexity: O(1); takes a lock while any write is pending.
    public func cachedValue(forKey key: Key) -> Value? {
        switch pendingChange(key) {
        case nil: cache.cachedValue(forKey: key)
        case .put(let value): value
        case .delete: nil
        case .merge(let operand): cache.cachedValue(forKey: key).map { rule?.merge($0, operand) ?? $0 }
        }
    }

    private enum Base {
        case value(Value?)
        case unknown
    }

    private func read(_ key: Key, _ base: (Key) async throws -> Base) async throws -> Value? {
        // A few rounds at most: a reader must not starve behind a busy drain.
        for round in 1...3 {
            let departures = pendingKeys.load(ordering: .relaxed) == 0 ? nil : state.withLock { $0.departures }
            switch pendingChange(key) {
            case .put(let value): return value
            case .delete: return nil
            case nil:
                switch try await base(key) {
                case .value(let value): return value
                case .unknown: return nil
                }
            case .merge(let operand):
                let base = try await base(key)
                // If the sink took the merge meanwhile, what was read may have it already.
                if round < 3, departures != state.withLock({ $0.departures }) { continue }
                guard case .value(let value) = base else { return nil }
                return value.map { rule?.merge($0, operand) ?? $0 } ?? operand
            }
        }
        return nil
    }

    private func pendingChange(_ key: Key) -> WriteChange<Value>? {
        guard pendingKeys.load(ordering: .relaxed) > 0 else { return nil }
        return state.withLock { $0.pending.change(of: key) }
    }
}
