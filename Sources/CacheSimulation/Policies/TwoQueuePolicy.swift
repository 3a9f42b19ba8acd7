/// 2Q: a queue for new entries, a list of keys that left it, and a list in order of use for those that came back.
///
/// The full version of Johnson and Shasha, "2Q: A Low Overhead High Performance Buffer Management Replacement
/// Algorithm", VLDB 1994, with a quarter of the capacity for new entries and half as many remembered keys as entries.
public struct TwoQueuePolicy: EvictionPolicy {
    private enum Place {
        case arrivals
        case remembered
        case main
    }

    private let capacity: Int
    private let arrivalCapacity: Int
    private let memoryCapacity: Int
    private var table = KeyTable()
    private var slots = SlotLists<(key: UInt64, place: Place)>()
    private var arrivals = SlotList()
    private var remembered = SlotList()
    private var main = SlotList()

    /// Makes an empty cache.
    ///
    /// - Parameter capacity: How many entries it may hold, at least 1.
    public init(capacity: Int) {
        self.capacity = capacity
        arrivalCapacity = max(1, capacity / 4)
        memoryCapacity = max(1, capacity / 2)
    }

    /// How many entries the cache holds.
    public var count: Int { arrivals.count + main.count }

    /// Asks for a key, and stores it if it was not held.
    ///
    /// - Parameter key: The key.
    /// - Returns: Whether the key was held.
    public mutating func request(_ key: UInt64) -> Bool {
        guard let index = table[key] else {
            makeRoom()
            table.set(key, to: slots.insert((key, .arrivals), into: &arrivals))
            return false
        }
        switch slots[index].place {
        case .main:
            slots.renew(index, in: &main)
            return true
        case .arrivals:
            return true
        case .remembered:
            slots[index].place = .main
            slots.move(index, from: &remembered, to: &main)
            if count > capacity { makeRoom(for: index) }
            return false
        }
    }

    /// Evicts an entry if the cache is full, or over-full because of an entry that came back.
    private mutating func makeRoom(for returned: SlotIndex? = nil) {
        guard count >= capacity else { return }
        if arrivals.count > arrivalCapacity || main.isEmpty || main.oldest == returned && !arrivals.isEmpty {
            let index = arrivals.oldest
            slots[index].place = .remembered
            slots.move(index, from: &arrivals, to: &remembered)
            if remembered.count > memoryCapacity {
                table.remove(slots.remove(remembered.oldest, from: &remembered).key)
            }
        } else {
            table.remove(slots.remove(main.oldest, from: &main).key)
        }
    }
}
