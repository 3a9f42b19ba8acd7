/// The adaptive replacement cache: one list for keys seen once of late and one for keys seen more often, whose border
/// moves with the keys that come back after they left either.
///
/// See Megiddo and Modha, "ARC: A Self-Tuning, Low Overhead Replacement Cache", FAST 2003.
public struct ARCPolicy: EvictionPolicy {
    private enum Place {
        case recent
        case frequent
        case recentGhost
        case frequentGhost
    }

    private let capacity: Int
    private var table = KeyTable()
    private var slots = SlotLists<(key: UInt64, place: Place)>()
    private var recent = SlotList()
    private var frequent = SlotList()
    private var recentGhost = SlotList()
    private var frequentGhost = SlotList()
    /// How many entries the list of recent ones should have.
    private var target = 0.0

    /// Makes an empty cache.
    ///
    /// - Parameter capacity: How many entries it may hold, at least 1.
    public init(capacity: Int) { self.capacity = capacity }

    /// How many entries the cache holds.
    public var count: Int { recent.count + frequent.count }

    /// Asks for a key, and stores it if it was not held.
    ///
    /// - Parameter key: The key.
    /// - Returns: Whether the key was held.
    public mutating func request(_ key: UInt64) -> Bool {
        guard let index = table[key] else {
            store(key)
            return false
        }
        let place = slots[index].place
        slots[index].place = .frequent
        switch place {
        case .recent:
            slots.move(index, from: &recent, to: &frequent)
            return true
        case .frequent:
            slots.renew(index, in: &frequent)
            return true
        case .recentGhost:
            target = min(Double(capacity), target + max(1, Double(frequentGhost.count) / Double(recentGhost.count)))
            if count >= capacity { replace(forFrequentGhost: false) }
            slots.move(index, from: &recentGhost, to: &frequent)
            return false
        case .frequentGhost:
            target = max(0, target - max(1, Double(recentGhost.count) / Double(frequentGhost.count)))
            if count >= capacity { replace(forFrequentGhost: true) }
            slots.move(index, from: &frequentGhost, to: &frequent)
            return false
        }
    }

    private mutating func store(_ key: UInt64) {
        if recent.count + recentGhost.count == capacity {
            if recent.count < capacity {
                table.remove(slots.remove(recentGhost.oldest, from: &recentGhost).key)
                if count >= capacity { replace(forFrequentGhost: false) }
            } else {
                table.remove(slots.remove(recent.oldest, from: &recent).key)
            }
        } else if count + recentGhost.count + frequentGhost.count >= capacity {
            if count + recentGhost.count + frequentGhost.count == 2 * capacity {
                table.remove(slots.remove(frequentGhost.oldest, from: &frequentGhost).key)
            }
            if count >= capacity { replace(forFrequentGhost: false) }
        }
        table.set(key, to: slots.insert((key, .recent), into: &recent))
    }

    /// Moves an entry to the ghosts of its list.
    private mutating func replace(forFrequentGhost isFrequentGhost: Bool) {
        let excess = Double(recent.count) - target
        if !recent.isEmpty, excess > 0 || isFrequentGhost && excess == 0 || frequent.isEmpty {
            slots[recent.oldest].place = .recentGhost
            slots.move(recent.oldest, from: &recent, to: &recentGhost)
        } else {
            slots[frequent.oldest].place = .frequentGhost
            slots.move(frequent.oldest, from: &frequent, to: &frequentGhost)
        }
    }
}
