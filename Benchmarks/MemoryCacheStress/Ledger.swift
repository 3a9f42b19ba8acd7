import LarderTesting
import MemoryCache
import Synchronization

/// What became of each value that was ever stored.
final class Ledger: @unchecked Sendable {
    // Safe to share: the pointer never changes, and what it points to is atomic.
    private let states: UnsafeMutablePointer<Atomic<UInt8>>
    private let count: Int
    let live = Counter()
    private let doubled = Counter()

    init(values: Int) {
        count = values
        states = .allocate(capacity: values)
        for value in 0..<values { (states + value).initialize(to: Atomic(0)) }
    }

    deinit { states.deallocate() }

    /// A value with its number, which counts those of its kind that are alive.
    final class Value: Sendable, HeapSized {
        let number: Int
        let key: Int
        let weight: Int
        private let live: Counter

        init(_ number: Int, key: Int, weight: Int, _ live: Counter) {
            self.number = number
            self.key = key
            self.weight = weight
            self.live = live
            live.add()
        }

        deinit { live.add(-1) }

        var heapBytes: Int { Allocation.bytes(ofObjectWith: 32) }
    }

    func make(_ number: Int, key: Int, weight: Int) -> Value { Value(number, key: key, weight: weight, live) }

    func store(_ number: Int) { states[number].store(1, ordering: .relaxed) }

    func refuse(_ number: Int) { states[number].store(3, ordering: .relaxed) }

    /// Takes note that the listener heard of a value.
    func leave(_ number: Int) {
        if !states[number].compareExchange(expected: 1, desired: 2, ordering: .relaxed).exchanged { doubled.add() }
    }

    /// The values that were stored, and of whose end nobody heard.
    var present: Set<Int> { Set((0..<count).filter { states[$0].load(ordering: .relaxed) == 1 }) }

    /// How many notices were of a value that had left already, or had never come.
    var wrongNotices: Int { doubled.value }
}
