/// LIRS: entries whose last two requests were close together stay, and 1 % of the capacity, at least 2, serves all others.
///
/// See Jiang and Zhang, "LIRS: An Efficient Low Inter-reference Recency Set Replacement Policy", SIGMETRICS 2002. At most
/// twice as many keys as the capacity are remembered after their entries left.
public struct LIRSPolicy: EvictionPolicy {
    private enum State {
        /// Stays until a better one comes.
        case low
        /// Is held, and leaves soon.
        case high
        /// Only the key is known.
        case ghost
    }

    private struct Entry {
        var key: UInt64
        var state: State
        var isOnStack = true
        /// The place in `queue` or `ghosts`.
        var waiting = SlotIndex.none
    }

    private let capacity: Int
    private let lowCapacity: Int
    private var table = KeyTable()
    private var slots = SlotLists<Entry>()
    private var stack = SlotList()
    private var offStack = SlotList()
    private var waiting = SlotLists<SlotIndex>()
    private var queue = SlotList()
    private var ghosts = SlotList()
    private var lowCount = 0

    /// Makes an empty cache.
    ///
    /// - Parameter capacity: How many entries it may hold, at least 1.
    public init(capacity: Int) {
        self.capacity = capacity
        lowCapacity = max(1, capacity - max(2, capacity / 100))
    }

    /// How many entries the cache holds.
    public var count: Int { lowCount + queue.count }

    /// Asks for a key, and stores it if it was not held.
    ///
    /// - Parameter key: The key.
    /// - Returns: Whether the key was held.
    public mutating func request(_ key: UInt64) -> Bool {
        guard let index = table[key] else {
            store(key)
            return false
        }
        switch slots[index].state {
        case .low:
            slots.renew(index, in: &stack)
            prune()
            return true
        case .high:
            if slots[index].isOnStack {
                waiting.remove(slots[index].waiting, from: &queue)
                promote(index)
            } else {
                slots[index].isOnStack = true
                slots.move(index, from: &offStack, to: &stack)
                waiting.renew(slots[index].waiting, in: &queue)
            }
            return true
        case .ghost:
            waiting.remove(slots[index].waiting, from: &ghosts)
            slots[index].waiting = .none
            if count >= capacity { evict() }
            promote(index)
            return false
        }
    }

    private mutating func store(_ key: UInt64) {
        if count >= capacity { evict() }
        let state: State = lowCount < lowCapacity ? .low : .high
        let index = slots.insert(Entry(key: key, state: state), into: &stack)
        table.set(key, to: index)
        if state == .low {
            lowCount += 1
        } else {
            slots[index].waiting = waiting.insert(index, into: &queue)
        }
    }

    /// Makes an entry on the stack one that stays, in place of the one that was asked for longest ago.
    private mutating func promote(_ index: SlotIndex) {
        slots[index].state = .low
        slots[index].waiting = .none
        slots.renew(index, in: &stack)
        lowCount += 1
        if lowCount > lowCapacity { demote() }
        prune()
    }

    /// Makes the entry that was asked for longest ago of those that stay one that leaves soon.
    private mutating func demote() {
        let demoted = stack.oldest
        slots[demoted].state = .high
        slots[demoted].waiting = waiting.insert(demoted, into: &queue)
        lowCount -= 1
    }

    private mutating func evict() {
        if queue.isEmpty {
            demote()
            prune()
        }
        let index = waiting[queue.oldest]
        if slots[index].isOnStack {
            slots[index].state = .ghost
            waiting.move(slots[index].waiting, from: &queue, to: &ghosts)
            if ghosts.count > 2 * capacity { forget(waiting[ghosts.oldest]) }
        } else {
            waiting.remove(queue.oldest, from: &queue)
            table.remove(slots.remove(index, from: &offStack).key)
        }
    }

    private mutating func forget(_ index: SlotIndex) {
        waiting.remove(slots[index].waiting, from: &ghosts)
        table.remove(slots.remove(index, from: &stack).key)
    }

    /// Removes from the bottom of the stack what does not stay.
    private mutating func prune() {
        while !stack.isEmpty {
            let index = stack.oldest
            switch slots[index].state {
            case .low:
                return
            case .high:
                slots[index].isOnStack = false
                slots.move(index, from: &stack, to: &offStack)
            case .ghost:
                forget(index)
            }
        }
    }
}
