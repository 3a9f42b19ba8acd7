import Larder

/// A value on its way through a simulated cluster: how often the origin had changed it, and when it was loaded.
struct SimulatedEntry: Hashable {
    let version: Int
    let position: LogPosition
}

/// The store that the nodes of a simulation share.
struct SimulatedStore {
    private struct Slot {
        let entry: SimulatedEntry?
        let version: StoreVersion
        let end: Duration
    }

    private var slots: [StoreKey: Slot] = [:]
    private var newest: UInt64 = 0

    func read(_ key: StoreKey, at now: Duration) -> (entry: SimulatedEntry?, version: StoreVersion) {
        guard let slot = slots[key], slot.end > now else { return (nil, .vacant) }
        return (slot.entry, slot.version)
    }

    mutating func write(_ entry: SimulatedEntry?, _ key: StoreKey, life: Duration, at now: Duration) {
        newest += 1
        slots[key] = Slot(entry: entry, version: StoreVersion(bitPattern: newest), end: now + life)
    }

    mutating func remove(_ key: StoreKey) {
        slots[key] = nil
    }

    /// Gives up an entry for want of room; tombstones stay.
    mutating func evict(_ key: StoreKey) {
        if slots[key]?.entry != nil { slots[key] = nil }
    }
}
