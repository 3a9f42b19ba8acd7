/// W-TinyLFU: a window in order of use, and a segmented main space that takes only what is asked for more often.
///
/// See Einziger, Eytan, Friedman and Manes, "Adaptive Software Cache Management", Middleware 2018. The layout is that of
/// Caffeine 2 and 3: a window of 1 % at first, 80 % of the main space protected, and a hill climber that moves the border
/// by the hit ratio. The sketch is that of ``LarderPolicy``, counted at each request.
public struct WindowTinyLFUPolicy: EvictionPolicy {
    private enum Place {
        case window
        case probation
        case protected
    }

    private let capacity: Int
    private var table = KeyTable()
    private var slots = SlotLists<(key: UInt64, place: Place)>()
    private var window = SlotList()
    private var probation = SlotList()
    private var protected = SlotList()
    private var sketch: FrequencySketch
    private var climber: HillClimber
    private var windowCapacity: Int

    /// Makes an empty cache.
    ///
    /// - Parameter capacity: How many entries it may hold, at least 1.
    public init(capacity: Int) {
        self.capacity = capacity
        sketch = FrequencySketch(blocks: (capacity + min(capacity, 4096) + 7) / 8, sample: 10 * capacity)
        climber = HillClimber(capacity: capacity)
        windowCapacity = max(1, capacity / 100)
    }

    /// How many entries the cache holds.
    public var count: Int { window.count + probation.count + protected.count }

    private var protectedCapacity: Int { (capacity - windowCapacity) * 4 / 5 }

    /// Asks for a key, and stores it if it was not held and is admitted.
    ///
    /// - Parameter key: The key.
    /// - Returns: Whether the key was held.
    public mutating func request(_ key: UInt64) -> Bool {
        sketch.add(key, 1)
        let held = table[key]
        if let held { renew(held) } else { store(key) }
        if let change = climber.record(isHit: held != nil) {
            windowCapacity = min(max(1, windowCapacity + change), max(1, capacity * 4 / 5))
        }
        return held != nil
    }

    private mutating func renew(_ index: SlotIndex) {
        switch slots[index].place {
        case .window:
            slots.renew(index, in: &window)
        case .protected:
            slots.renew(index, in: &protected)
        case .probation:
            slots[index].place = .protected
            slots.move(index, from: &probation, to: &protected)
            while protected.count > protectedCapacity {
                slots[protected.oldest].place = .probation
                slots.move(protected.oldest, from: &protected, to: &probation)
            }
        }
    }

    private mutating func store(_ key: UInt64) {
        table.set(key, to: slots.insert((key, .window), into: &window))
        while window.count > windowCapacity {
            let candidate = window.oldest
            slots[candidate].place = .probation
            slots.move(candidate, from: &window, to: &probation)
            if count > capacity { contest(candidate) }
        }
        if count > capacity { evictOldest() }
    }

    /// Lets the candidate, the youngest on probation, and the oldest of the main space contend for one place.
    private mutating func contest(_ candidate: SlotIndex) {
        let isAlone = probation.oldest == candidate
        guard !isAlone || !protected.isEmpty else {
            table.remove(slots.remove(candidate, from: &probation).key)
            return
        }
        let victim = isAlone ? protected.oldest : probation.oldest
        if sketch.frequency(of: slots[candidate].key) <= sketch.frequency(of: slots[victim].key) {
            table.remove(slots.remove(candidate, from: &probation).key)
        } else if isAlone {
            table.remove(slots.remove(victim, from: &protected).key)
        } else {
            table.remove(slots.remove(victim, from: &probation).key)
        }
    }

    private mutating func evictOldest() {
        if !probation.isEmpty {
            table.remove(slots.remove(probation.oldest, from: &probation).key)
        } else if !protected.isEmpty {
            table.remove(slots.remove(protected.oldest, from: &protected).key)
        } else {
            table.remove(slots.remove(window.oldest, from: &window).key)
        }
    }
}

extension WindowTinyLFUPolicy {
    /// Moves the border on as long as the hit ratio rises, and back when it falls.
    private struct HillClimber {
        private let capacity: Int
        private var step: Double
        private var previousRatio = 0.0
        private var requests = 0
        private var hits = 0

        init(capacity: Int) {
            self.capacity = capacity
            step = 0.0625 * Double(capacity)
        }

        /// Counts a request, and at the end of each period tells by how many entries the window grows.
        mutating func record(isHit: Bool) -> Int? {
            requests += 1
            if isHit { hits += 1 }
            guard requests >= 10 * capacity else { return nil }
            let ratio = Double(hits) / Double(requests)
            let change = ratio - previousRatio
            let amount = change >= 0 ? step : -step
            let isFar = abs(change) >= 0.05
            step = isFar ? (amount < 0 ? -0.0625 : 0.0625) * Double(capacity) : 0.98 * amount
            previousRatio = ratio
            requests = 0
            hits = 0
            return Int(amount)
        }
    }
}
