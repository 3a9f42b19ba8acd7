public import Larder
import NIOConcurrencyHelpers

extension RedisRing: RemoteStore {
    /// Whether all nodes bound their latency.
    public var boundsItsLatency: Bool { members.allSatisfy { $0.store.boundsItsLatency } }

    /// The lowest limit of all nodes.
    public var maximumEntryBytes: Int { members.map { $0.store.maximumEntryBytes }.min() ?? .max }

    /// Reads from each node in one round trip, from all at once.
    public func slots(forKeys keys: [StoreKey]) async throws -> [StoreSlot] {
        try await perform(keys, key: \.self) { try await $0.slots(forKeys: $1) }
    }

    /// Writes one entry to its node.
    public func setValue(_ bytes: [UInt8], forKey key: StoreKey, timeToLive: Duration) async throws {
        guard timeToLive > .zero else { throw invalidLife }
        guard let node = state.withLockedValue({ $0.ring.node(forKey: key.bytes) }) else { throw noNodeLeft }
        try await call(node) { try await $0.setValue(bytes, forKey: key, timeToLive: timeToLive) }
    }

    /// Writes to each node in one round trip, to all at once.
    public func setValues(_ writes: [StoreWrite]) async throws {
        guard writes.allSatisfy({ $0.timeToLive > .zero }) else { throw invalidLife }
        _ = try await perform(writes, key: \.key) { store, writes in
            try await store.setValues(writes)
            return writes.map { _ in true }
        }
    }

    /// Fills on each node in one round trip, on all at once.
    public func fill(_ fills: [StoreFill]) async throws -> [Bool] {
        guard fills.allSatisfy({ $0.write.timeToLive > .zero }) else { throw invalidLife }
        return try await perform(fills, key: \.write.key) { try await $0.fill($1) }
    }

    /// Buries on each node in one round trip, on all at once.
    public func bury(_ keys: [StoreKey], for life: Duration) async throws {
        guard life > .zero else { throw invalidLife }
        _ = try await perform(keys, key: \.self) { store, keys in
            try await store.bury(keys, for: life)
            return keys.map { _ in true }
        }
    }

    /// Removes from each node in one round trip, from all at once.
    @discardableResult
    public func removeValues(forKeys keys: [StoreKey]) async throws -> Int {
        try await count(keys, key: \.self) { try await $0.removeValues(forKeys: $1) }
    }

    /// Compares and removes on each node in one round trip, on all at once.
    @discardableResult
    public func remove(_ removals: [StoreRemoval]) async throws -> Int {
        try await count(removals, key: \.key) { try await $0.remove($1) }
    }

    /// Lists a page of each node, all at once, and joins them.
    public func keys(withPrefix prefix: StoreKey, after key: StoreKey?, limit: Int) async throws -> [StoreKey] {
        let pages = try await onNodes(activeNodes()) { _, store in
            try await store.keys(withPrefix: prefix, after: key, limit: limit)
        }
        // A key may be left on a node that had it while another was ejected.
        return Array(Set(pages.joined()).sorted().prefix(max(limit, 0)))
    }

    /// Removes from all nodes at once.
    @discardableResult
    public func removeAll(withPrefix prefix: StoreKey) async throws -> Int {
        try await onNodes(activeNodes()) { try await $1.removeAll(withPrefix: prefix) }.reduce(0, +)
    }

    // MARK: - Several nodes

    /// Asks the node of each item, and puts the answers in the order of the items.
    private func perform<Item: Sendable, Answer: Sendable>(
        _ items: [Item],
        key: (Item) -> StoreKey,
        _ body: @escaping @Sendable (any RemoteStore, [Item]) async throws -> [Answer]
    ) async throws -> [Answer] {
        guard !items.isEmpty else { return [] }
        guard let groups = state.withLockedValue({ $0.places(of: items, key: key) }) else { throw noNodeLeft }
        let parts = try await onNodes(groups.map(\.node)) { index, store in
            try await body(store, groups[index].places.map { items[$0] })
        }
        var answers = [Answer?](repeating: nil, count: items.count)
        for (group, part) in zip(groups, parts) {
            for (place, answer) in zip(group.places, part) { answers[place] = answer }
        }
        let known = answers.compactMap(\.self)
        guard known.count == items.count else {
            throw RedisStoreError(.unexpectedReply, "\(items.count) keys got \(known.count) answers")
        }
        return known
    }

    /// Asks the node of each item, and adds the answers.
    private func count<Item: Sendable>(
        _ items: [Item],
        key: (Item) -> StoreKey,
        _ body: @escaping @Sendable (any RemoteStore, [Item]) async throws -> Int
    ) async throws -> Int {
        guard let groups = state.withLockedValue({ $0.places(of: items, key: key) }) else { throw noNodeLeft }
        return try await onNodes(groups.map(\.node)) { index, store in
            try await body(store, groups[index].places.map { items[$0] })
        }
        .reduce(0, +)
    }

    /// Calls several nodes at once.
    ///
    /// - Returns: The outputs in the order of the nodes.
    private func onNodes<Output: Sendable>(
        _ nodes: [Int],
        _ body: @escaping @Sendable (Int, any RemoteStore) async throws -> Output
    ) async throws -> [Output] {
        if nodes.count == 1 { return [try await call(nodes[0]) { try await body(0, $0) }] }
        return try await withThrowingTaskGroup(of: (Int, Output).self) { group in
            for (index, node) in nodes.enumerated() {
                group.addTask { (index, try await self.call(node) { try await body(index, $0) }) }
            }
            var outputs: [(Int, Output)] = []
            for try await output in group { outputs.append(output) }
            return outputs.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func activeNodes() throws(RedisStoreError) -> [Int] {
        let nodes = state.withLockedValue { $0.activeNodes }
        guard !nodes.isEmpty else { throw noNodeLeft }
        return nodes
    }

    private var noNodeLeft: RedisStoreError {
        RedisStoreError(.noNodeLeft, "all nodes of the ring are ejected; are their servers there?")
    }

    private var invalidLife: RedisStoreError {
        RedisStoreError(.invalidTimeToLive, "a life of zero or less; remove the entry instead")
    }
}
