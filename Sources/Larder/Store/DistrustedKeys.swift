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

    mutating func insert(_ added: [StoreKey]) {
        guard !distrustsAll else { return }
        keys.formUnion(added)
        if keys.count > limit { insertAll() }
    }

    mutating func insertAll() {
        distrustsAll = true
        keys = []
    }

    /// Notes that the store holds nothing old under some keys.
    mutating func remove(_ settled: [StoreKey]) {
        if !keys.isEmpty { keys.subtract(settled) }
    }

    /// Notes that the store holds nothing old at all.
    mutating func removeAll() {
        keys = []
        distrustsAll = false
    }
}
