import Larder

/// The first keys in their order, out of many that come in no order and perhaps twice.
struct KeyPage {
    private let after: StoreKey?
    private let limit: Int
    private var candidates: Set<StoreKey> = []
    /// The last key of a full page; those after it need not be kept.
    private var bound: StoreKey?

    /// A page of the keys that follow a key.
    init(after: StoreKey?, limit: Int) {
        self.after = after
        self.limit = limit
    }

    mutating func insert(_ key: StoreKey) {
        if let after, key <= after { return }
        if let bound, key > bound { return }
        candidates.insert(key)
        // Sorted now and then, so that a key costs little more than its place in a set.
        guard candidates.count - limit >= max(limit, 1_000) else { return }
        let first = keys
        candidates = Set(first)
        bound = first.last
    }

    /// The keys of the page, in order.
    var keys: [StoreKey] { Array(candidates.sorted().prefix(limit)) }
}
