import LarderTesting
import MemoryCache
import Synchronization
import Testing

@Suite struct InspectionTests {
    @Test("a walk meets each entry once and may write to the cache")
    func entries() throws {
        let cache = try MemoryCache<Int, Int>(capacity: .entries(20_000))
        for number in 0..<5_000 { cache.setValue(number, forKey: number) }
        var met: Set<Int> = []
        for (key, value) in cache.entries {
            guard key == value, met.insert(key).inserted else {
                Issue.record("\(key) came twice, or with the value \(value)")
                return
            }
            cache.setValue(value, forKey: key)
        }
        #expect(met == Set(0..<5_000))
        #expect(cache.statistics.hits == 0)
    }

    @Test("a walk leaves out what has expired")
    func expiredEntries() throws {
        let clock = ManualClock()
        let cache = try MemoryCache<Int, Int>(capacity: .entries(10), clock: clock)
        cache.setValue(1, forKey: 1, timeToLive: .seconds(1))
        cache.setValue(2, forKey: 2)
        clock.advance(by: .seconds(1))
        #expect(cache.entries.map(\.key) == [2])
    }

    @Test("the hottest entries are those that were read most", arguments: [1_000, 10_000])
    func hottest(count: Int) throws {
        let cache = try MemoryCache<Int, Int>(capacity: .entries(count))
        for number in 0..<count { cache.setValue(number, forKey: number) }
        for _ in 0..<3 {
            for number in 0..<20 { _ = cache.value(forKey: number) }
        }
        let hottest = cache.hottest(20)
        #expect(Set(hottest.map(\.key)) == Set(0..<20))
        #expect(cache.hottest(0).isEmpty)
        #expect(cache.hottest(2 * count).count == count)
    }

    @Test("a borrowing read sees the value, counts as a hit, and passes on what its body throws")
    func borrowing() throws {
        struct Refusal: Error {}
        let cache = try MemoryCache<String, [Int]>(capacity: .entries(10))
        cache.setValue([1, 2, 3], forKey: "a")
        #expect(cache.withValue(forKey: "a") { $0.count } == 3)
        #expect(cache.withValue(forKey: "b") { $0.count } == nil)
        for _ in 0..<200 {
            #expect(throws: Refusal.self) {
                try cache.withValue(forKey: "a") { (_: borrowing [Int]) throws(Refusal) in throw Refusal() }
            }
        }
        #expect(cache.statistics.hits == 201)
        // A lock that was left behind would hang here.
        #expect(cache.setValue([], forKey: "a"))
    }

    @Test("what is invalidated is reported so")
    func invalidation() throws {
        let causes = Mutex<[RemovalCause]>([])
        let cache = try MemoryCache<Int, Int>(
            capacity: .entries(10),
            removalListener: { _, _, cause in causes.withLock { $0.append(cause) } }
        )
        for number in 0..<5 { cache.setValue(number, forKey: number) }
        #expect(cache.invalidateAll { key, _ in key < 2 } == 2)
        #expect(causes.withLock { $0 } == [.invalidated, .invalidated])
    }
}
