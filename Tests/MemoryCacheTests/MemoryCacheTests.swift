import LarderTesting
import MemoryCache
import Synchronization
import Testing

@Suite struct MemoryCacheTests {
    @Test("a value is found until its time to live ends, to the nanosecond")
    func expiry() throws {
        let clock = ManualClock()
        let cache = try MemoryCache<String, Int>(capacity: .entries(10), clock: clock)
        cache.setValue(1, forKey: "a", timeToLive: .seconds(5))
        cache.setValue(2, forKey: "b", timeToLive: .seconds(10))
        cache.setValue(3, forKey: "c")
        clock.advance(by: .seconds(5) - .nanoseconds(1))
        #expect(cache.value(forKey: "a") == 1)
        clock.advance(by: .nanoseconds(1))
        #expect(cache.value(forKey: "a") == nil)
        #expect(cache.value(forKey: "b") == 2)
        clock.advance(by: .seconds(1_000_000_000))
        #expect(cache.value(forKey: "b") == nil)
        #expect(cache.value(forKey: "c") == 3)
        #expect(cache.statistics.expirations == 2)
    }

    @Test("the system's clock, which a cache uses unless it is given one, runs forward")
    func systemClock() throws {
        let cache = try MemoryCache<Int, Int>(capacity: .entries(10))
        cache.setValue(1, forKey: 1, timeToLive: .seconds(3_600))
        #expect(cache.value(forKey: 1) == 1)
        #expect(!cache.setValue(1, forKey: 1, timeToLive: .zero))
        #expect(!cache.setValue(1, forKey: 1, timeToLive: .seconds(-1)))
        #expect(cache.value(forKey: 1) == nil)
    }

    @Test("the longest durations neither overflow nor expire early")
    func longLives() throws {
        let clock = ManualClock()
        let cache = try MemoryCache<Int, Int>(capacity: .entries(10), clock: clock)
        cache.setValue(1, forKey: 1, timeToLive: .seconds(Int64.max))
        clock.advance(by: .seconds(200 * 365 * 86_400))
        #expect(cache.value(forKey: 1) == 1)
    }

    @Test("a replacement takes the value, the life and the weight of the new entry")
    func replacement() throws {
        let clock = ManualClock()
        let cache = try MemoryCache<Int, String>(capacity: .weight(10), clock: clock) { _, value in value.utf8.count }
        cache.setValue("four", forKey: 1, timeToLive: .seconds(1))
        cache.setValue("sixsix", forKey: 1, timeToLive: .seconds(9))
        clock.advance(by: .seconds(2))
        #expect(cache.value(forKey: 1) == "sixsix")
        #expect(cache.statistics.weight == 6)
        #expect(cache.statistics.entries == 1)
    }

    @Test("a removal returns what it removed, and nothing for what has expired")
    func removal() throws {
        let clock = ManualClock()
        let cache = try MemoryCache<Int, Int>(capacity: .entries(10), clock: clock)
        cache.setValue(1, forKey: 1)
        cache.setValue(2, forKey: 2, timeToLive: .seconds(1))
        clock.advance(by: .seconds(1))
        #expect(cache.removeValue(forKey: 1) == 1)
        #expect(cache.removeValue(forKey: 1) == nil)
        #expect(cache.removeValue(forKey: 2) == nil)
        #expect(cache.isConsistent)
        #expect(cache.statistics.entries == 0)
    }

    @Test("an optional value can be stored as nil and is found")
    func optionalValues() throws {
        let cache = try MemoryCache<Int, Int?>(capacity: .entries(10))
        cache.setValue(nil, forKey: 1)
        #expect(cache.value(forKey: 1) == .some(nil))
        #expect(cache.value(forKey: 2) == nil)
    }

    @Test("strings that are equal in different normal forms are one key")
    func normalForms() throws {
        let cache = try MemoryCache<String, Int>(capacity: .entries(10))
        cache.setValue(1, forKey: "caf\u{E9}")
        #expect(cache.value(forKey: "cafe\u{301}") == 1)
    }

    @Test("keys whose hashes are all equal still work")
    func collisions() throws {
        struct Colliding: Hashable, Sendable {
            let number: Int
            func hash(into hasher: inout Hasher) {}
        }
        let cache = try MemoryCache<Colliding, Int>(capacity: .entries(100))
        for number in 0..<200 { cache.setValue(number, forKey: Colliding(number: number)) }
        #expect(cache.statistics.entries == 100)
        #expect(cache.isConsistent)
        let found = (0..<200).filter { cache.value(forKey: Colliding(number: $0)) == $0 }
        #expect(found.count == 100)
    }

    @Test("removing all leaves nothing and reports each entry", arguments: [10, 5_000])
    func removeAll(count: Int) throws {
        let removed = Mutex<Set<Int>>([])
        let cache = try MemoryCache<Int, Int>(
            capacity: .entries(10_000),
            removalListener: { key, _, cause in
                if cause == .removed { removed.withLock { _ = $0.insert(key) } }
            }
        )
        for number in 0..<count { cache.setValue(number, forKey: number) }
        cache.removeAll()
        #expect(removed.withLock { $0.count } == count)
        #expect(cache.statistics.entries == 0)
        #expect(cache.isConsistent)
        cache.setValue(1, forKey: 1)
        #expect(cache.value(forKey: 1) == 1)
    }

    @Test("removing by a predicate takes what matches, and the predicate may use the cache")
    func removeWhere() throws {
        let cache = try MemoryCache<Int, Int>(capacity: .entries(5_000))
        for number in 0..<3_000 { cache.setValue(number, forKey: number) }
        let removed = cache.removeAll { key, _ in
            cache.value(forKey: key) != nil && key.isMultiple(of: 3)
        }
        #expect(removed == 1_000)
        #expect((0..<3_000).allSatisfy { (cache.value(forKey: $0) == nil) == $0.isMultiple(of: 3) })
        #expect(cache.isConsistent)
    }

    @Test("an entry that is replaced while a predicate looks at it stays")
    func removeWhereReplaced() throws {
        let cache = try MemoryCache<Int, Int>(capacity: .entries(10))
        cache.setValue(1, forKey: 1)
        let removed = cache.removeAll { key, value in
            cache.setValue(value + 1, forKey: key)
            return true
        }
        #expect(removed == 0)
        #expect(cache.value(forKey: 1) == 2)
    }

    @Test("a sweep gives back the room of expired entries")
    func sweep() throws {
        let clock = ManualClock()
        let cache = try MemoryCache<Int, Int>(capacity: .entries(5_000), clock: clock)
        for number in 0..<2_000 { cache.setValue(number, forKey: number, timeToLive: .seconds(1 + number % 2)) }
        clock.advance(by: .seconds(1))
        #expect(cache.removeExpired() == 1_000)
        #expect(cache.statistics.entries == 1_000)
        #expect(cache.isConsistent)
    }

    @Test("a capacity of zero or less is refused with what to do", arguments: [0, -1])
    func invalidCapacity(limit: Int) {
        let error = #expect(throws: MemoryCacheError.self) {
            try MemoryCache<Int, Int>(capacity: .entries(limit))
        }
        #expect(error?.code == .invalidCapacity)
        #expect(error?.message.contains("at least 1") == true)
    }

    @Test("statistics count each read once")
    func statistics() throws {
        let cache = try MemoryCache<Int, Int>(capacity: .entries(10))
        cache.setValue(1, forKey: 1)
        _ = cache.value(forKey: 1)
        _ = cache.value(forKey: 1)
        _ = cache.value(forKey: 2)
        let statistics = cache.statistics
        #expect(statistics.hits == 2)
        #expect(statistics.misses == 1)
        #expect(statistics.insertions == 1)
        #expect(abs(statistics.hitRatio - 2.0 / 3.0) < 1e-9)
        #expect(MemoryCacheStatistics().hitRatio == 0)
    }
}
