/// SIEVE: a hit sets a bit, and a hand that goes from the oldest to the youngest clears bits until it finds a victim.
///
/// Unlike in CLOCK the entries keep their places, so that new entries are judged soon. See Zhang and others,
/// "SIEVE is Simpler than LRU", NSDI 2024.
public struct SIEVEPolicy: WeighingPolicy, PeekablePolicy {
    private struct Entry {
        var key: UInt64
        var weight: Int
        var wasHit = false
    }

    private let capacity: Int
    private var table = KeyTable()
    private var slots = SlotLists<Entry>()
    private var queue = SlotList()
    private var hand = SlotIndex.none

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
        var victim = hand == .none ? queue.oldest : hand
        while slots[victim].wasHit {
            slots[victim].wasHit = false
            victim = slots.younger(than: victim)
            if victim == .none { victim = queue.oldest }
        }
        hand = slots.younger(than: victim)
        weight -= slots[victim].weight
        table.remove(slots.remove(victim, from: &queue).key)
    }
}
