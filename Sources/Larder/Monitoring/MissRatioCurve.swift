/// Which share of its requests a cache would miss with any other capacity, told from a sample of its keys in bounded
/// memory.
///
/// It keeps the keys whose hash is below a threshold, and halves the threshold whenever they are too many: SHARDS of a
/// fixed size, with the correction for the requests that the sample has too many or too few of. (Waldspurger, Park,
/// Garthwaite and Ahmad, "Efficient MRC Construction with SHARDS", FAST 2015.) The curve is that of a cache that evicts
/// what was used least recently.
///
/// With 8,192 keys the mean error over all capacities was at most 0.4 percent on each of thirteen public traces of up to
/// five million requests. For capacities that hold few keys of the sample it is larger. `make check-curve` measures both.
///
/// A value type without a lock.
package struct MissRatioCurve: Sendable {
    /// The requests that were recorded.
    package private(set) var requests = 0

    /// How many keys are in the sample; with fewer than a few hundred the curve tells little.
    package var sampledKeys: Int { places.count }

    private let maximumSamples: Int
    /// The hashes up to this one are in the sample.
    private var threshold = UInt64.max
    /// The share of all keys that are in the sample.
    private var rate = 1.0
    /// For each key of the sample when it was last requested, as a place in ``stack``.
    private var places: [UInt64: Int32] = [:]
    /// The keys that took the places, from the first place on.
    private var owners: [UInt64] = []
    private var stack: RecencyStack
    private var distances = DistanceHistogram()

    /// Makes an empty curve.
    ///
    /// - Parameter maximumSamples: How many keys are kept at most, at least 2. With 8,192 a curve takes up to 0.5 MiB.
    package init(maximumSamples: Int = 8_192) {
        self.maximumSamples = max(2, maximumSamples)
        stack = RecencyStack(places: 64)
    }

    /// Records a request.
    ///
    /// - Parameter hash: A hash of the key all of whose bits count, the same each time.
    /// - Complexity: O(1) for a key outside the sample, otherwise O(log `maximumSamples`). Does not allocate once the
    ///   sample has been full.
    package mutating func record(_ hash: UInt64) {
        requests += 1
        sample(hash)
    }

    /// Takes a request into the sample, if its key belongs there; ``skip(_:)`` counts it.
    package mutating func sample(_ hash: UInt64) {
        guard hash <= threshold else { return }
        if stack.isFull { renumber() }
        if let place = places[hash] {
            distances.add(Double(stack.countOfNewer(than: place)) / rate)
            stack.remove(place)
        } else {
            distances.addFirstRequest()
        }
        places[hash] = stack.push()
        owners.append(hash)
        if places.count > maximumSamples { shrink() }
    }

    /// Counts requests that are not recorded one by one.
    package mutating func skip(_ requests: Int) { self.requests += requests }

    /// Leaves only keys in the sample whose hash is up to a limit.
    package mutating func limit(to hash: UInt64) {
        while threshold > hash, threshold > 1 { shrink() }
    }

    /// The share of the requests that a cache of a capacity would have missed, from 0 to 1.
    ///
    /// - Parameter capacity: The capacity in entries.
    /// - Returns: The share; 1 if nothing was recorded.
    package func missRatio(atCapacity capacity: Int) -> Double {
        guard requests > 0 else { return 1 }
        let expected = Double(requests) * rate
        // The requests that the sample lacks are of the keys that are requested most, which any cache holds.
        let hits = distances.count(below: Double(capacity)) + (capacity > 0 ? expected - distances.total : 0)
        return min(1, max(0, 1 - hits / expected))
    }

    /// Leaves half of the keys in the sample.
    private mutating func shrink() {
        threshold /= 2
        rate /= 2
        distances.halve()
        for (index, hash) in owners.enumerated() where hash > threshold && isHeld(hash, index) {
            stack.remove(Int32(index + 1))
            places[hash] = nil
        }
    }

    /// Whether a key was last requested when it took a place.
    private func isHeld(_ hash: UInt64, _ index: Int) -> Bool { places[hash] == Int32(index + 1) }

    /// Gives the keys the lowest places, in their order, and makes room for as many again.
    private mutating func renumber() {
        var end = 0
        for index in owners.indices where isHeld(owners[index], index) {
            owners[end] = owners[index]
            end += 1
            places[owners[end - 1]] = Int32(end)
        }
        owners.removeLast(owners.count - end)
        let room = min(2 * maximumSamples, max(64, 4 * end))
        owners.reserveCapacity(room)
        stack.restart(places: room, taken: end)
    }
}
