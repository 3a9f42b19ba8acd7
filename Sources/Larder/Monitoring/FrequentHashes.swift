/// The hashes that come most often, told in bounded memory.
///
/// Space-Saving: a hash without a counter takes over that with the lowest count, and its count with it. Each hash that makes
/// up more than one in ``capacity`` has a counter, no count is too low, and none is too high by more than its error.
/// (Metwally, Agrawal and El Abbadi, "Efficient Computation of Frequent and Top-k Elements in Data Streams", ICDT 2005.)
///
/// A value type without a lock, and not generic, so that the compiler knows all of its types: it takes part in hits.
struct FrequentHashes: Sendable {
    struct Counter: Sendable {
        var hash: UInt64
        /// How often at most.
        var count: Int
        /// By how much the count may be too high.
        var error: Int
    }

    let capacity: Int

    /// What was recorded, weights included.
    private(set) var total = 0

    private(set) var counters: [Counter] = []
    private var places: [UInt64: Int] = [:]
    /// The places of counters by their counts, the lowest first.
    private var order = IndexedHeap<Int>()

    init(capacity: Int) {
        self.capacity = capacity
    }

    /// Records a hash.
    ///
    /// - Returns: The place of the counter that the hash has just got; `nil` if it had one.
    /// - Complexity: O(log `capacity`). Does not allocate once all counters are taken.
    mutating func record(_ hash: UInt64, weight: Int) -> Int? {
        total += weight
        if let place = places[hash] {
            set(place, Counter(hash: hash, count: counters[place].count + weight, error: counters[place].error))
            return nil
        }
        var counter = Counter(hash: hash, count: weight, error: 0)
        var place = counters.count
        if place < capacity {
            counters.append(counter)
        } else if let lowest = order.first {
            place = lowest.element
            places[counters[place].hash] = nil
            counter.count += Int(lowest.rank)
            counter.error = Int(lowest.rank)
        }
        places[hash] = place
        set(place, counter)
        return place
    }

    /// Halves all counts, so that what came often long ago makes room.
    mutating func decay() {
        total /= 2
        for (place, counter) in counters.enumerated() {
            set(place, Counter(hash: counter.hash, count: counter.count / 2, error: counter.error / 2))
        }
    }

    private mutating func set(_ place: Int, _ counter: Counter) {
        counters[place] = counter
        order.setRank(UInt64(counter.count), of: place)
    }
}
