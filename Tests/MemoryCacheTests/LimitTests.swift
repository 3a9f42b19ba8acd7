import LarderTesting
import MemoryCache
import Testing

@Suite struct LimitTests {
    @Test("a smaller capacity holds at once, a larger one takes more", arguments: [100, 20_000])
    func changedCapacity(limit: Int) throws {
        let evicted = Counter()
        let cache = try MemoryCache<Int, Int>(
            capacity: .entries(limit),
            removalListener: { _, _, cause in if cause == .evicted { evicted.add() } }
        )
        for number in 0..<limit { cache.setValue(number, forKey: number) }
        try cache.setCapacity(.entries(limit / 10))
        #expect(cache.capacity == .entries(limit / 10))
        #expect(cache.statistics.entries == limit / 10)
        #expect(evicted.value == limit - limit / 10)
        #expect(cache.isConsistent)
        try cache.setCapacity(.entries(3 * limit))
        for number in 0..<(3 * limit) { cache.setValue(number, forKey: number) }
        #expect(cache.statistics.entries == 3 * limit)
        #expect(cache.isConsistent)
    }

    @Test("a capacity keeps its unit, and holds something")
    func invalidChange() throws {
        let cache = try MemoryCache<Int, Int>(capacity: .entries(10))
        #expect(throws: MemoryCacheError.self) { try cache.setCapacity(.weight(10)) }
        #expect(throws: MemoryCacheError.self) { try cache.setCapacity(.entries(0)) }
        #expect(cache.capacity == .entries(10))
    }

    @Test("an entry heavier than an entry may be is not stored and takes the old one along")
    func maximumEntryWeight() throws {
        let cache = try MemoryCache<Int, Int>(
            capacity: .weight(1_000),
            maximumEntryWeight: 10,
            weigher: { _, value in value }
        )
        #expect(cache.setValue(10, forKey: 1))
        #expect(!cache.setValue(11, forKey: 1))
        #expect(cache.value(forKey: 1) == nil)
        #expect(cache.statistics.weight == 0)
    }

    @Test("entries that weigh nothing or less count as 1, so that their number is bounded", arguments: [0, -7])
    func weightless(weight: Int) throws {
        let cache = try MemoryCache<Int, Int>(capacity: .weight(10), weigher: { _, _ in weight })
        for number in 0..<5_000 { cache.setValue(number, forKey: number) }
        #expect(cache.statistics.entries == 10)
        #expect(cache.statistics.weight == 10)
        #expect(cache.isConsistent)
    }
}
