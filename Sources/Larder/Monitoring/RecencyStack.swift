/// Places in the order in which they were taken, and how many newer ones are taken than a given one.
///
/// The sums are a binary indexed tree. (Fenwick, "A New Data Structure for Cumulative Frequency Tables", 1994.)
struct RecencyStack: Sendable {
    private var sums: [Int32]
    private var next: Int32 = 1
    private var taken: Int32 = 0

    init(places: Int) {
        sums = Array(repeating: 0, count: places + 1)
    }

    /// Begins again with a number of places, the first of which are taken.
    mutating func restart(places: Int, taken: Int) {
        if sums.count == places + 1 {
            for index in sums.indices { sums[index] = 0 }
        } else {
            sums = Array(repeating: 0, count: places + 1)
        }
        next = 1
        self.taken = 0
        for _ in 0..<taken { _ = push() }
    }

    /// Whether there is no place left.
    var isFull: Bool { Int(next) == sums.count }

    /// Takes the next place; there has to be one.
    mutating func push() -> Int32 {
        let place = next
        next += 1
        taken += 1
        add(1, at: place)
        return place
    }

    mutating func remove(_ place: Int32) {
        taken -= 1
        add(-1, at: place)
    }

    func countOfNewer(than place: Int32) -> Int {
        var index = Int(place)
        var older: Int32 = 0
        while index > 0 {
            older += sums[index]
            index &= index - 1
        }
        return Int(taken - older)
    }

    private mutating func add(_ amount: Int32, at place: Int32) {
        var index = Int(place)
        while index < sums.count {
            sums[index] += amount
            index += index & -index
        }
    }
}
