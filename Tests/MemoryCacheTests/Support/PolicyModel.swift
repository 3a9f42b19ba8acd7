/// The eviction policy once more, word by word from its description and with no thought of speed, to compare with.
struct PolicyModel {
    struct Entry {
        let key: Int
        let hash: UInt32
        var hits = 0
    }

    let capacity: Int
    var window: [Entry] = []
    var main: [Entry] = []
    /// The key of the entry at which the hand is.
    var hand: Int?
    var target: Int
    var windowHits = 0
    var mainHits = 0
    var events = 0
    var isProbing = false
    var formerTarget = 0
    var formerHits = 0
    var interval = 4
    var wait = 4
    var additions = 0
    var counters: [Int]

    init(capacity: Int) {
        self.capacity = capacity
        target = 0
        counters = Array(repeating: 0, count: (capacity + min(capacity, 4_096) + 7) / 8 * 128)
        target = clamp(12 * capacity)
    }

    /// Asks for a key, and stores it if it is not held.
    ///
    /// - Returns: Whether it was held.
    mutating func request(_ key: Int, _ hash: UInt32) -> Bool {
        if let index = window.firstIndex(where: { $0.key == key }) {
            if window[index].hits < 3 {
                window[index].hits += 1
                windowHits += 1
                tick()
            }
            return true
        }
        if let index = main.firstIndex(where: { $0.key == key }) {
            if main[index].hits < 3 {
                main[index].hits += 1
                mainHits += 1
                tick()
            }
            return true
        }
        tick()
        window.append(Entry(key: key, hash: hash))
        while window.count > target / 256 {
            let isOver = window.count + main.count > capacity
            let candidate = window.removeFirst()
            if !isOver {
                promote(candidate)
                break
            }
            if main.isEmpty {
                add(candidate.hash, 1 + candidate.hits)
                continue
            }
            let index = findVictim()
            let victim = main[index]
            if frequency(candidate.hash) + candidate.hits > frequency(victim.hash) + victim.hits {
                evictVictim(index)
                promote(candidate)
            } else {
                add(candidate.hash, 1 + candidate.hits)
            }
        }
        if window.count + main.count > capacity {
            if main.isEmpty {
                let candidate = window.removeFirst()
                add(candidate.hash, 1 + candidate.hits)
            } else {
                evictVictim(findVictim())
            }
        }
        return false
    }

    private mutating func promote(_ entry: Entry) {
        main.append(entry)
        add(entry.hash, 1)
    }

    private mutating func findVictim() -> Int {
        var index = main.firstIndex { $0.key == hand } ?? 0
        for _ in 0..<16 where main[index].hits > 0 {
            add(main[index].hash, main[index].hits)
            main[index].hits = 0
            index = (index + 1) % main.count
        }
        hand = main[index].key
        return index
    }

    private mutating func evictVictim(_ index: Int) {
        if main[index].hits > 0 { add(main[index].hash, main[index].hits) }
        hand = index + 1 < main.count ? main[index + 1].key : nil
        main.remove(at: index)
    }

    private func clamp(_ value: Int) -> Int {
        let minimum = max(256, 256 * capacity / 100)
        return min(max(minimum, 256 * capacity * 9 / 10), max(minimum, value))
    }

    private mutating func tick() {
        events += 1
        let period = max(2_000, 3 * capacity)
        guard events >= period else { return }
        let hits = windowHits + mainHits
        if isProbing {
            isProbing = false
            if hits >= 4 * formerHits && 4 * hits >= period {
                interval = 4
            } else {
                target = formerTarget
                interval = min(64, 4 * interval)
            }
            wait = interval
        } else if 24 * hits < period {
            steer()
            if wait > 0 {
                wait -= 1
            } else {
                (isProbing, formerHits, formerTarget) = (true, hits, target)
                target = max(max(256, 256 * capacity / 100), 256 * capacity * 9 / 10)
            }
        } else {
            (interval, wait) = (4, 4)
            steer()
        }
        (events, windowHits, mainHits) = (0, 0, 0)
    }

    private mutating func steer() {
        let inWindow = (windowHits + 1) * max(1, main.count)
        let inMain = (mainHits + 1) * max(1, window.count)
        target = clamp(target + capacity * (logarithm(inWindow) - logarithm(inMain) - 64) / 48)
    }

    private func logarithm(_ number: Int) -> Int {
        var exponent = 0
        while number >> (exponent + 1) > 0 { exponent += 1 }
        let fraction = exponent >= 8 ? number >> (exponent - 8) : number << (8 - exponent)
        return 256 * exponent + fraction % 256
    }

    private func positions(_ hash: UInt32) -> [Int] {
        var x = UInt64(hash)
        x = (x ^ (x >> 30)) &* 0xBF58_476D_1CE4_E5B9
        x = (x ^ (x >> 27)) &* 0x94D0_49BB_1331_11EB
        x ^= x >> 31
        let block = Int(((x >> 32) * UInt64(counters.count / 128)) >> 32)
        return (0..<4)
            .map { i in
                let b = Int(truncatingIfNeeded: x >> UInt64(8 * i))
                return block * 128 + (2 * i + (b & 1)) * 16 + ((b >> 1) & 15)
            }
    }

    private func frequency(_ hash: UInt32) -> Int { positions(hash).map { counters[$0] }.min() ?? 0 }

    private mutating func add(_ hash: UInt32, _ count: Int) {
        let goal = min(15, frequency(hash) + count)
        for position in positions(hash) { counters[position] = max(counters[position], goal) }
        additions += count
        if additions >= 20 * capacity {
            counters = counters.map { $0 / 2 }
            additions /= 2
        }
    }
}
