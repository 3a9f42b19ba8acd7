/// The keys that are requested most, told in bounded memory.
///
/// Space-Saving: a key without a counter takes over that with the lowest count, and its count with it. Each key that makes
/// up more than one request in ``capacity`` has a counter, no count is too low, and none is too high by more than its
/// ``Entry/error``. (Metwally, Agrawal and El Abbadi, "Efficient Computation of Frequent and Top-k Elements in Data
/// Streams", ICDT 2005.)
///
/// A value type without a lock.
package struct HotKeys<Key: Hashable & Sendable>: Sendable {
    /// A key, and how often it was requested.
    package struct Entry: Sendable {
        package let key: Key
        /// How often at most.
        package let count: Int
        /// By how much the count may be too high.
        package let error: Int
    }

    /// How many keys have counters, at least 1.
    package let capacity: Int

    /// The requests that were recorded.
    package private(set) var requests = 0

    private var counts: [Key: (count: Int, error: Int)] = [:]
    /// The keys by their counts, the lowest first.
    private var order = IndexedHeap<Key>()

    /// Makes a sketch without keys.
    package init(capacity: Int = 1_000) {
        self.capacity = max(1, capacity)
    }

    /// Records a request, or one that stands for several.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - weight: How many requests it stands for, at least 1.
    /// - Complexity: O(log `capacity`).
    package mutating func record(_ key: Key, weight: Int = 1) {
        requests += weight
        if let known = counts[key] {
            set(key, known.count + weight, error: known.error)
        } else if counts.count == capacity, let lowest = order.first {
            counts[lowest.element] = nil
            order.setRank(nil, of: lowest.element)
            set(key, Int(lowest.rank) + weight, error: Int(lowest.rank))
        } else {
            set(key, weight, error: 0)
        }
    }

    /// The keys that are requested most, the first of them most.
    ///
    /// - Complexity: O(`capacity` log `capacity`).
    package func hottest(_ limit: Int) -> [Entry] {
        counts.sorted { $0.value.count > $1.value.count }.prefix(max(0, limit))
            .map { Entry(key: $0.key, count: $0.value.count, error: $0.value.error) }
    }

    /// Whether a key has a counter.
    package func contains(_ key: Key) -> Bool { counts[key] != nil }

    /// Halves all counts, so that what was hot long ago makes room.
    package mutating func decay() {
        requests /= 2
        for (key, known) in counts { set(key, known.count / 2, error: known.error / 2) }
    }

    private mutating func set(_ key: Key, _ count: Int, error: Int) {
        counts[key] = (count, error)
        order.setRank(UInt64(count), of: key)
    }
}
