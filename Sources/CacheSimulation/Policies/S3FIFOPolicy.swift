/// S3-FIFO: a small queue for new entries, a main queue for those that were asked for again, and a ghost queue.
///
/// See Yang and others, "FIFO Queues are All You Need for Cache Eviction", SOSP 2023. The small queue has a tenth of the
/// capacity, and as many keys are remembered as the main queue may have entries.
public struct S3FIFOPolicy: EvictionPolicy {
    private enum Place {
        case small
        case main
        case ghost
    }

    private struct Entry {
        var key: UInt64
        var place: Place
        var hits = 0
    }

    private static let mostHits = 3
    private static let hitsForMain = 2

    private let capacity: Int
    private let smallCapacity: Int
    private var table = KeyTable()
    private var slots = SlotLists<Entry>()
    private var small = SlotList()
    private var main = SlotList()
    private var ghost = SlotList()

    /// Makes an empty cache.
    ///
    /// - Parameter capacity: How many entries it may hold, at least 1.
    public init(capacity: Int) {
        self.capacity = capacity
        smallCapacity = max(1, capacity / 10)
    }

    /// How many entries the cache holds.
    public var count: Int { small.count + main.count }

    /// Asks for a key, and stores it if it was not held.
    ///
    /// - Parameter key: The key.
    /// - Returns: Whether the key was held.
    public mutating func request(_ key: UInt64) -> Bool {
        let known = table[key]
        if let known, slots[known].place != .ghost {
            slots[known].hits = min(Self.mostHits, slots[known].hits + 1)
            return true
        }
        if let known { forget(known) }
        while count >= capacity { evict() }
        if known != nil {
            table.set(key, to: slots.insert(Entry(key: key, place: .main), into: &main))
        } else {
            table.set(key, to: slots.insert(Entry(key: key, place: .small), into: &small))
        }
        return false
    }

    private mutating func forget(_ index: SlotIndex) {
        table.remove(slots.remove(index, from: &ghost).key)
    }

    private mutating func evict() {
        if main.count > capacity - smallCapacity || small.isEmpty {
            evictFromMain()
        } else {
            evictFromSmall()
        }
    }

    private mutating func evictFromSmall() {
        let index = small.oldest
        guard slots[index].hits < Self.hitsForMain else {
            slots[index].hits = 0
            slots[index].place = .main
            slots.move(index, from: &small, to: &main)
            return
        }
        slots[index].place = .ghost
        slots.move(index, from: &small, to: &ghost)
        if ghost.count > capacity - smallCapacity { forget(ghost.oldest) }
    }

    private mutating func evictFromMain() {
        while slots[main.oldest].hits > 0 {
            slots[main.oldest].hits -= 1
            slots.renew(main.oldest, in: &main)
        }
        table.remove(slots.remove(main.oldest, from: &main).key)
    }
}
