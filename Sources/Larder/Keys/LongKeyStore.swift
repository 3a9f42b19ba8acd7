/// A store that sees the short forms of long keys.
///
/// All else in the cache knows keys as they are: an invalidation, a rule or a lock never takes two keys for one, and no
/// pattern is compared with a digest. What the store lists are short forms, which are their own short forms.
struct LongKeyStore: RemoteStore {
    private let store: any RemoteStore

    init(wrapping store: any RemoteStore) {
        self.store = store
    }

    var boundsItsLatency: Bool { store.boundsItsLatency }

    var maximumEntryBytes: Int { store.maximumEntryBytes }

    func value(forKey key: StoreKey) async throws -> StoredValue? {
        try await store.value(forKey: key.inStore)
    }

    func values(forKeys keys: [StoreKey]) async throws -> [StoredValue?] {
        try await store.values(forKeys: inStore(keys))
    }

    func slots(forKeys keys: [StoreKey]) async throws -> [StoreSlot] {
        try await store.slots(forKeys: inStore(keys))
    }

    func setValue(_ bytes: [UInt8], forKey key: StoreKey, timeToLive: Duration) async throws {
        try await store.setValue(bytes, forKey: key.inStore, timeToLive: timeToLive)
    }

    func setValues(_ writes: [StoreWrite]) async throws {
        try await store.setValues(writes.map(inStore))
    }

    func fill(_ fills: [StoreFill]) async throws -> [Bool] {
        try await store.fill(fills.map { StoreFill(inStore($0.write), over: $0.version) })
    }

    func bury(_ keys: [StoreKey], for life: Duration) async throws {
        try await store.bury(inStore(keys), for: life)
    }

    @discardableResult
    func removeValue(forKey key: StoreKey) async throws -> Bool {
        try await store.removeValue(forKey: key.inStore)
    }

    @discardableResult
    func removeValues(forKeys keys: [StoreKey]) async throws -> Int {
        try await store.removeValues(forKeys: inStore(keys))
    }

    @discardableResult
    func remove(_ removals: [StoreRemoval]) async throws -> Int {
        try await store.remove(removals.map { StoreRemoval($0.key.inStore, at: $0.version) })
    }

    func keys(withPrefix prefix: StoreKey, after key: StoreKey?, limit: Int) async throws -> [StoreKey] {
        try await store.keys(withPrefix: prefix, after: key, limit: limit)
    }

    @discardableResult
    func removeAll(withPrefix prefix: StoreKey) async throws -> Int {
        try await store.removeAll(withPrefix: prefix)
    }

    func shutdown() async {
        await store.shutdown()
    }

    private func inStore(_ keys: [StoreKey]) -> [StoreKey] {
        keys.contains { $0.bytes.count > StoreKey.longestInStore } ? keys.map(\.inStore) : keys
    }

    private func inStore(_ write: StoreWrite) -> StoreWrite {
        var write = write
        write.key = write.key.inStore
        return write
    }
}
