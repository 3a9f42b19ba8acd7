public import Larder
import NIOConcurrencyHelpers

extension RedisRing: RemoteStore {
    /// Whether all nodes bound their latency.
    public var boundsItsLatency: Bool { members.allSatisfy { $0.store.boundsItsLatency } }

    /// The lowest limit of all nodes.
    public var maximumEntryBytes: Int { members.map { $0.store.maximumEntryBytes }.min() ?? .max }

    /// Reads from each node in one round trip, from all at once.
    public func slots(forKeys keys: [StoreKey]) async throws -> [StoreSlot] {
        try await perform(keys, key: \.self) { _, _ in
            .reader
        } body: { [self] group, store, keys in
            let slots = try await store.slots(forKeys: keys)
            guard group.helps else { return slots }
            return state.withLockedValue { state in
                slots.map { StoreSlot(value: $0.value, version: state.mark($0.version)) }
            }
        }
    }

    /// Writes one entry to its node.
    public func setValue(_ bytes: [UInt8], forKey key: StoreKey, timeToLive: Duration) async throws {
        try await setValues([StoreWrite(key: key, bytes: bytes, timeToLive: timeToLive)])
    }

    /// Writes to each node in one round trip, to all at once; where a key has two nodes, the second one gets a tombstone.
    public func setValues(_ writes: [StoreWrite]) async throws {
        guard writes.allSatisfy({ $0.timeToLive > .zero }) else { throw invalidLife }
        let life = writes.map(\.timeToLive).max() ?? .zero
        _ = try await onAllNodes(writes, key: \.key) { group, store, writes in
            if group.helps { return try await store.bury(writes.map(\.key), for: life) }
            if writes.count > 1 { return try await store.setValues(writes) }
            for write in writes {
                try await store.setValue(write.bytes, forKey: write.key, timeToLive: write.timeToLive)
            }
        }
    }

    /// Fills on each node in one round trip, on all at once.
    ///
    /// Where a key has two nodes, what was read on one of them is replaced there; what is vacant may be filled on either,
    /// since a tombstone would be on both.
    public func fill(_ fills: [StoreFill]) async throws -> [Bool] {
        guard fills.allSatisfy({ $0.write.timeToLive > .zero }) else { throw invalidLife }
        return try await perform(fills, key: \.write.key) { fill, state in
            fill.version == .vacant ? .reader : state.role(of: fill.version)
        } body: { [self] group, store, fills in
            try await store.fill(fills.map { StoreFill($0.write, over: own($0.version, group)) })
        }
    }

    /// Buries on each node in one round trip, on all at once.
    public func bury(_ keys: [StoreKey], for life: Duration) async throws {
        guard life > .zero else { throw invalidLife }
        _ = try await onAllNodes(keys, key: \.self) { try await $1.bury($2, for: life) }
    }

    /// Removes from each node in one round trip, from all at once.
    @discardableResult
    public func removeValues(forKeys keys: [StoreKey]) async throws -> Int {
        try await onAllNodes(keys, key: \.self) { try await $1.removeValues(forKeys: $2) }.reduce(0, +)
    }

    /// Compares and removes on each node in one round trip, on all at once.
    @discardableResult
    public func remove(_ removals: [StoreRemoval]) async throws -> Int {
        try await onAllNodes(removals, key: \.key) { [self] group, store, removals in
            try await store.remove(removals.map { StoreRemoval($0.key, at: own($0.version, group)) })
        }
        .reduce(0, +)
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

    /// The version of a node for one that the ring gave out.
    private func own(_ version: StoreVersion, _ group: RingState.Group) -> StoreVersion {
        group.helps ? StoreVersion(bitPattern: version.bitPattern ^ RingState.mark) : version
    }

    // MARK: - Several nodes

    /// Asks a node of each item, and puts the answers in the order of the items.
    private func perform<Item: Sendable, Answer: Sendable>(
        _ items: [Item],
        key: (Item) -> StoreKey,
        role: (Item, RingState) -> RingState.Role,
        body: @escaping @Sendable (RingState.Group, any RemoteStore, [Item]) async throws -> [Answer]
    ) async throws -> [Answer] {
        guard !items.isEmpty else { return [] }
        guard let groups = state.withLockedValue({ $0.begin(items, key: key, role: role) }) else { throw noNodeLeft }
        let parts = try await onNodes(groups) { try await body($0, $1, $0.places.map { items[$0] }) }
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

    /// Calls the node of each item, and the one that helps out if there is a bound.
    private func onAllNodes<Item: Sendable, Output: Sendable>(
        _ items: [Item],
        key: (Item) -> StoreKey,
        _ body: @escaping @Sendable (RingState.Group, any RemoteStore, [Item]) async throws -> Output
    ) async throws -> [Output] {
        let roles: [RingState.Role] = loadBound == nil ? [.home] : [.home, .helper]
        let groups = try state.withLockedValue { state in
            try roles.flatMap { role in
                guard let groups = state.begin(items, key: key, role: { _, _ in role }) else { throw noNodeLeft }
                return groups
            }
        }
        return try await onNodes(groups) { try await body($0, $1, $0.places.map { items[$0] }) }
    }

    /// Calls several nodes at once.
    ///
    /// - Returns: The outputs in the order of the groups.
    private func onNodes<Output: Sendable>(
        _ groups: [RingState.Group],
        _ body: @escaping @Sendable (RingState.Group, any RemoteStore) async throws -> Output
    ) async throws -> [Output] {
        if groups.count == 1 { return [try await call(groups[0], body)] }
        return try await withThrowingTaskGroup(of: (Int, Output).self) { tasks in
            for (index, group) in groups.enumerated() {
                tasks.addTask { (index, try await self.call(group, body)) }
            }
            var outputs: [(Int, Output)] = []
            for try await output in tasks { outputs.append(output) }
            return outputs.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func call<Output: Sendable>(
        _ group: RingState.Group,
        _ body: @escaping @Sendable (RingState.Group, any RemoteStore) async throws -> Output
    ) async throws -> Output {
        try await call(group.node, keys: group.places.count) { try await body(group, $0) }
    }

    private func activeNodes() throws(RedisStoreError) -> [RingState.Group] {
        let nodes = state.withLockedValue { $0.activeNodes }
        guard !nodes.isEmpty else { throw noNodeLeft }
        return nodes.map { RingState.Group(node: $0, helps: false, places: []) }
    }

    private var noNodeLeft: RedisStoreError {
        RedisStoreError(.noNodeLeft, "all nodes of the ring are ejected; are their servers there?")
    }

    private var invalidLife: RedisStoreError {
        RedisStoreError(.invalidTimeToLive, "a life of zero or less; remove the entry instead")
    }
}
