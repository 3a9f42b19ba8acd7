/// The histories of a bounded number of keys.
///
/// A new key takes the place of the first, from where the last one was taken, that was not read again meanwhile.
struct HistoryTable<Key: Hashable & Sendable>: Sendable {
    private let capacity: Int
    private var places: [Key: Int] = [:]
    private var histories: [KeyHistory<Key>] = []
    private var hand = 0

    init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    var count: Int { histories.count }

    func place(of key: Key) -> Int? { places[key] }

    subscript(place: Int) -> KeyHistory<Key> {
        get { histories[place] }
        _modify { yield &histories[place] }
    }

    /// Makes a place for a key that has none.
    ///
    /// - Returns: The place, and the history that had to leave it.
    mutating func insert(_ key: Key, at now: Double) -> (place: Int, evicted: KeyHistory<Key>?) {
        guard histories.count == capacity else {
            places[key] = histories.count
            histories.append(KeyHistory(key: key, at: now))
            return (histories.count - 1, nil)
        }
        while histories[hand].wasReread {
            histories[hand].wasReread = false
            hand = (hand + 1) % capacity
        }
        let place = hand
        let evicted = histories[place]
        places[evicted.key] = nil
        places[key] = place
        histories[place] = KeyHistory(key: key, at: now)
        hand = (hand + 1) % capacity
        return (place, evicted)
    }
}
