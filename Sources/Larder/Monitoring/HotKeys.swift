/// The keys that are requested most, told in bounded memory: ``FrequentHashes`` of them, and the keys themselves.
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
    package var capacity: Int { frequent.capacity }

    /// The requests that were recorded.
    package var requests: Int { frequent.total }

    /// The keys that have counters.
    package private(set) var keys: [Key] = []

    private var frequent: FrequentHashes

    /// Makes a sketch without keys.
    package init(capacity: Int = 1_000) {
        frequent = FrequentHashes(capacity: max(1, capacity))
    }

    /// Records a request, or one that stands for several.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - hash: A hash of the key all of whose bits count, the same each time.
    ///   - weight: How many requests it stands for, at least 1.
    /// - Complexity: O(log `capacity`).
    package mutating func record(_ key: Key, hash: UInt64, weight: Int = 1) {
        guard let place = frequent.record(hash, weight: weight) else { return }
        if place < keys.count {
            keys[place] = key
        } else {
            keys.append(key)
        }
    }

    /// The keys that are requested most, the first of them most.
    ///
    /// - Complexity: O(`capacity` log `capacity`).
    package func hottest(_ limit: Int) -> [Entry] {
        zip(keys, frequent.counters).sorted { $0.1.count > $1.1.count }.prefix(max(0, limit))
            .map { Entry(key: $0, count: $1.count, error: $1.error) }
    }

    /// Halves all counts, so that what was hot long ago makes room.
    package mutating func decay() { frequent.decay() }
}
