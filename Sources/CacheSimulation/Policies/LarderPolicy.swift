/// The policy of Larder's memory cache: admission by frequency, a steered window, and SIEVE.
///
/// <doc:PolicyRules> has the exact rules. `MemoryCache` behaves like this model, request by request.
public struct LarderPolicy: PeekablePolicy {
    private struct Entry {
        var key: UInt64
        var hash: UInt64
        var weight: Int
        var isInWindow = true
        var hits = 0
    }

    private static let mostHits = 3
    private static let reach = 16

    /// The greatest number of entries, or the greatest sum of weights.
    private let limit: Int
    private let weighs: Bool
    /// The number of entries that the rules are made for; where these weigh, the room that there is at the moment.
    private var capacity: Int
    private var table = KeyTable()
    private var slots = SlotLists<Entry>()
    private var window = SlotList()
    private var main = SlotList()
    private var hand = SlotIndex.none
    private var sketch: FrequencySketch
    private var border: Border

    /// Makes an empty cache.
    ///
    /// - Parameter capacity: How many entries it may hold, at least 1.
    public init(capacity: Int) { self.init(limit: capacity, weighs: false, capacity: capacity) }

    /// Makes an empty cache whose entries weigh.
    ///
    /// - Parameter totalWeight: The greatest sum of weights, at least 1.
    public init(totalWeight: Int) { self.init(limit: totalWeight, weighs: true, capacity: 8) }

    private init(limit: Int, weighs: Bool, capacity: Int) {
        self.limit = limit
        self.weighs = weighs
        self.capacity = capacity
        sketch = Self.sketch(capacity: capacity)
        border = Border(capacity: capacity)
    }

    private static func sketch(capacity: Int) -> FrequencySketch {
        FrequencySketch(blocks: (capacity + min(capacity, 4096) + 7) / 8, sample: 20 * capacity)
    }

    /// The sum of the weights of the entries; the number of entries where these do not weigh.
    public private(set) var weight = 0

    /// How many entries the cache holds.
    public var count: Int { window.count + main.count }

    /// Whether a key is held; changes nothing.
    ///
    /// - Parameter key: The key.
    /// - Returns: Whether it is held.
    public func contains(_ key: UInt64) -> Bool { table[key] != nil }

    /// How many entries the window may hold at the moment.
    public var windowCapacity: Int { border.windowCapacity }

    /// Asks for a key whose hash is the key itself.
    ///
    /// - Parameter key: The key.
    /// - Returns: Whether the key was held.
    public mutating func request(_ key: UInt64) -> Bool { request(key, hash: key) }

    /// Asks for a key with a hash of its own, as an implementation of the policy has it.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - hash: The hash of the key; the sketch knows keys by their hashes.
    ///   - weight: What the entry weighs, at least 1; of no account where entries do not weigh. That of a key that is held
    ///     stays as it was.
    /// - Returns: Whether the key was held.
    public mutating func request(_ key: UInt64, hash: UInt64, weight: Int = 1) -> Bool {
        if let index = table[key] {
            recordHit(index)
            return true
        }
        let weight = weighs ? max(1, weight) : 1
        guard weight <= limit else { return false }
        if weighs, count == capacity { makeRoomInTable() }
        tick()
        table.set(key, to: slots.insert(Entry(key: key, hash: hash, weight: weight), into: &window))
        self.weight += weight
        shrinkWindow()
        makeRoom()
        return false
    }

    /// Follows the table of the cache, which grows with the entries: by steps at first, and to the number of entries that
    /// will probably fit as soon as it is not many times more.
    private mutating func makeRoomInTable() {
        let step = capacity < 1_024 ? 2 * capacity : capacity + capacity / 4
        let full = limit / max(1, weight / max(1, count))
        let expected = Int(min(Double(full) + 4 * Double(full).squareRoot() + 8, 1e9))
        let larger = capacity < expected && 32 * capacity > expected ? expected : step
        border = border.scaled(to: larger)
        sketch = Self.sketch(capacity: larger)
        capacity = larger
    }

    private mutating func recordHit(_ index: SlotIndex) {
        guard slots[index].hits < Self.mostHits else { return }
        slots[index].hits += 1
        border.recordHit(inWindow: slots[index].isInWindow)
        tick()
    }

    private mutating func tick() {
        border.recordEvent(windowCount: window.count, mainCount: main.count)
    }

    private mutating func shrinkWindow() {
        while window.count > border.windowCapacity {
            let candidate = window.oldest
            if weight <= limit {
                admit(candidate)
                return
            }
            guard !main.isEmpty else {
                reject(candidate)
                continue
            }
            let victim = findVictim()
            if frequency(of: candidate) > frequency(of: victim) {
                evict(victim)
                admit(candidate)
            } else {
                reject(candidate)
            }
        }
    }

    private mutating func makeRoom() {
        while weight > limit {
            if main.isEmpty {
                reject(window.oldest)
            } else {
                evict(findVictim())
            }
        }
    }

    private func frequency(of index: SlotIndex) -> Int {
        sketch.frequency(of: slots[index].hash) + slots[index].hits
    }

    private mutating func admit(_ index: SlotIndex) {
        slots[index].isInWindow = false
        slots.move(index, from: &window, to: &main)
        sketch.add(slots[index].hash, 1)
    }

    private mutating func reject(_ index: SlotIndex) {
        sketch.add(slots[index].hash, 1 + slots[index].hits)
        weight -= slots[index].weight
        table.remove(slots.remove(index, from: &window).key)
    }

    /// The entry of the main space that has to go first, on which the hand then stands.
    private mutating func findVictim() -> SlotIndex {
        var index = hand == .none ? main.oldest : hand
        var passed = 0
        while slots[index].hits > 0, passed < Self.reach {
            fold(index)
            passed += 1
            index = slots.younger(than: index)
            if index == .none { index = main.oldest }
        }
        hand = index
        return index
    }

    private mutating func evict(_ victim: SlotIndex) {
        if slots[victim].hits > 0 { fold(victim) }
        hand = slots.younger(than: victim)
        weight -= slots[victim].weight
        table.remove(slots.remove(victim, from: &main).key)
    }

    /// Moves the hits of an entry to the sketch.
    private mutating func fold(_ index: SlotIndex) {
        sketch.add(slots[index].hash, slots[index].hits)
        slots[index].hits = 0
    }
}
