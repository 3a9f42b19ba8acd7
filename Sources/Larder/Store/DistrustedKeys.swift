/// The keys whose value in the store may be an old one, because a write or a removal failed there.
///
/// The cache reads none of them from the store until a later write or removal of the key has succeeded. A value
/// type without a lock; the number of keys is bounded, and past the bound all keys are distrusted.
struct DistrustedKeys: Sendable {
    private var keys: Set<StoreKey> = []
    private let limit: Int

    /// Whether no key of the namespace may be read from the store.
    private(set) var distrustsAll = false

    init(limit: Int) {
        self.limit = limit
    }

    func contains(_ key: StoreKey) -> Bool {
        distrustsAll || (!keys.isEmpty && keys.contains(key))
    }

    mutating func insert(_ key: StoreKey) {
        guard !distrustsAll, !keys.contains(key) else { return }
        if keys.count < limit {
            keys.insert(key)
        } else {
            insertAll()
        }
    }

    mutating func insertAll() {
        distrustsAll = true
        keys = []
    }

    /// Notes that the store holds nothing old under a key.
    mutating func remove(_ key: StoreKey) {
        if !keys.isEmpty { keys.remove(key) }
    }

    /// Notes that the store holds nothing old at all.
    mutating func removeAll() {
        keys = []
        distrustsAll = false
    }
}
