/// Least frequently used: the entry with the fewest requests since it was stored leaves, the least recent of several.
public struct LFUPolicy: EvictionPolicy {
    private let capacity: Int
    private var table = KeyTable()
    private var slots = SlotLists<(key: UInt64, frequency: Int)>()
    /// The entries of each frequency, the least recently requested as the oldest.
    private var lists: [Int: SlotList] = [:]
    private var smallestFrequency = 1

    /// Makes an empty cache.
    ///
    /// - Parameter capacity: How many entries it may hold, at least 1.
    public init(capacity: Int) { self.capacity = capacity }

    /// How many entries the cache holds.
    public var count: Int { table.count }

    /// Asks for a key, and stores it if it was not held.
    ///
    /// - Parameter key: The key.
    /// - Returns: Whether the key was held.
    public mutating func request(_ key: UInt64) -> Bool {
        if let index = table[key] {
            raise(index)
            return true
        }
        if count == capacity { evict() }
        table.set(key, to: slots.insert((key, 1), into: &lists[1, default: SlotList()]))
        smallestFrequency = 1
        return false
    }

    private mutating func raise(_ index: SlotIndex) {
        let frequency = slots[index].frequency
        var source = lists[frequency] ?? SlotList()
        slots.move(index, from: &source, to: &lists[frequency + 1, default: SlotList()])
        lists[frequency] = source.isEmpty ? nil : source
        slots[index].frequency = frequency + 1
        if source.isEmpty, smallestFrequency == frequency { smallestFrequency = frequency + 1 }
    }

    private mutating func evict() {
        var list = lists[smallestFrequency] ?? SlotList()
        table.remove(slots.remove(list.oldest, from: &list).key)
        lists[smallestFrequency] = list.isEmpty ? nil : list
    }
}
