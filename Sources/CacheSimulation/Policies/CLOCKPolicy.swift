/// CLOCK, or second chance: a hit sets a bit, and an entry whose bit is set goes round once more instead of leaving.
public struct CLOCKPolicy: WeighingPolicy, PeekablePolicy {
    private struct Entry {
        var key: UInt64
        var weight: Int
        var wasHit = false
    }

    private let capacity: Int
    private var table = KeyTable()
    private var slots = SlotLists<Entry>()
    private var queue = SlotList()

    /// The sum of the weights of the entries.
    public private(set) var weight = 0

    /// Makes an empty cache.
    ///
    /// - Parameter capacity: The greatest number of entries, or the greatest sum of weights, at least 1.
    public init(capacity: Int) { self.capacity = capacity }

    /// How many entries the cache holds.
    public var count: Int { queue.count }

    /// Whether a key is held; changes nothing.
    ///
    /// - Parameter key: The key.
    /// - Returns: Whether it is held.
    public func contains(_ key: UInt64) -> Bool { table[key] != nil }

    /// Asks for a key, and stores it with a weight if it was not held.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - weight: The weight of the entry, 0 or more.
    /// - Returns: Whether the key was held.
    public mutating func request(_ key: UInt64, weight: Int) -> Bool {
        if let index = table[key] {
            slots[index].wasHit = true
            return true
        }
        guard weight <= capacity else { return false }
        while self.weight + weight > capacity { evict() }
        self.weight += weight
        table.set(key, to: slots.insert(Entry(key: key, weight: weight), into: &queue))
        return false
    }

    private mutating func evict() {
        while slots[queue.oldest].wasHit {
            slots[queue.oldest].wasHit = false
            slots.renew(queue.oldest, in: &queue)
        }
        let victim = slots[queue.oldest]
        weight -= victim.weight
        table.remove(victim.key)
        slots.remove(queue.oldest, from: &queue)
    }
}
