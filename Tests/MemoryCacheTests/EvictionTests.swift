import LarderTesting
import MemoryCache
import Synchronization
import Testing

@Suite struct EvictionTests {
    @Test("a cache holds as many entries as its capacity, and never more", arguments: [1, 2, 100, 1_023, 20_000])
    func entriesBound(limit: Int) throws {
        let cache = try MemoryCache<Int, Int>(capacity: .entries(limit))
        for number in 0..<limit { cache.setValue(number, forKey: number) }
        #expect(cache.statistics.entries == limit)
        #expect(cache.statistics.evictions == 0)
        for number in limit..<(2 * limit + 10) {
            cache.setValue(number, forKey: number)
            #expect(cache.value(forKey: number) == number, "the newest entry is never the one that leaves")
        }
        #expect(cache.statistics.entries == limit)
        #expect(cache.isConsistent)
    }

    @Test("an entry that is read stays, and those that are not leave, but for the few that pass for it")
    func usedEntriesStay() throws {
        var left = 0
        for _ in 0..<100 {
            let cache = try MemoryCache<Int, Int>(capacity: .entries(10))
            for number in 0..<10 { cache.setValue(number, forKey: number) }
            for round in 0..<100 {
                #expect(cache.value(forKey: 3) == 3)
                // Asked for twice, so that it is worth more than what nobody ever asked for.
                cache.setValue(round, forKey: 1_000 + round)
                #expect(cache.value(forKey: 1_000 + round) == round)
            }
            #expect(cache.value(forKey: 3) == 3)
            left += (0..<10).count { $0 != 3 && cache.value(forKey: $0) == nil }
        }
        // The hash has secrets of its own in each cache, so that by chance a key may pass for one that is read. Of the nine
        // others, more than eight leave on the average.
        #expect(left >= 750)
    }

    @Test("weights add up to the capacity at most, and a heavy entry makes room for itself")
    func weightBound() throws {
        let cache = try MemoryCache<Int, Int>(capacity: .weight(100_000), weigher: { _, value in value })
        for number in 0..<1_000 { cache.setValue(100, forKey: number) }
        #expect(cache.statistics.weight == 100_000)
        cache.setValue(90_000, forKey: -1)
        #expect(cache.value(forKey: -1) == 90_000)
        #expect(cache.statistics.weight <= 100_000)
        #expect(cache.isConsistent)
    }

    @Test("an entry heavier than the capacity is not stored and takes the old one along")
    func tooHeavy() throws {
        let causes = Mutex<[RemovalCause]>([])
        let cache = try MemoryCache<Int, Int>(
            capacity: .weight(10),
            weigher: { _, value in value },
            removalListener: { _, _, cause in causes.withLock { $0.append(cause) } }
        )
        #expect(cache.setValue(5, forKey: 1))
        #expect(!cache.setValue(11, forKey: 1))
        #expect(cache.value(forKey: 1) == nil)
        #expect(causes.withLock { $0 } == [.replaced])
        #expect(cache.setValue(0, forKey: 2))
        #expect(cache.setValue(-5, forKey: 3))
        #expect(cache.statistics.weight == 2, "each entry weighs something, or their number had no bound")
    }

    @Test("expired entries leave before live ones")
    func expiredFirst() throws {
        let clock = ManualClock()
        let cache = try MemoryCache<Int, Int>(capacity: .entries(4), clock: clock)
        for number in 0..<4 {
            cache.setValue(number, forKey: number, timeToLive: number == 0 ? .seconds(1) : .seconds(100))
        }
        _ = cache.value(forKey: 0)
        clock.advance(by: .seconds(2))
        cache.setValue(4, forKey: 4)
        #expect((1...4).allSatisfy { cache.value(forKey: $0) == $0 })
        #expect(cache.statistics.expirations == 1)
        #expect(cache.statistics.evictions == 0)
    }

    @Test("the listener hears of each entry that leaves, with its cause, and may use the cache")
    func listener() throws {
        let heard = Mutex<[String]>([])
        let itself = Mutex<MemoryCache<Int, Int>?>(nil)
        let clock = ManualClock()
        let cache = try MemoryCache<Int, Int>(
            capacity: .entries(2),
            clock: clock,
            removalListener: { key, value, cause in
                _ = itself.withLock { $0 }?.value(forKey: key)
                heard.withLock { $0.append("\(key)=\(value) \(cause)") }
            }
        )
        itself.withLock { $0 = cache }
        cache.setValue(10, forKey: 1)
        cache.setValue(11, forKey: 1)
        cache.removeValue(forKey: 1)
        cache.setValue(20, forKey: 2, timeToLive: .seconds(1))
        clock.advance(by: .seconds(1))
        _ = cache.value(forKey: 2)
        cache.setValue(30, forKey: 3)
        cache.setValue(40, forKey: 4)
        cache.setValue(50, forKey: 5)
        cache.removeAll()
        itself.withLock { $0 = nil }
        let all = heard.withLock { $0 }
        #expect(all.prefix(3) == ["1=10 replaced", "1=11 removed", "2=20 expired"])
        let evicted = all.filter { $0.hasSuffix("evicted") }
        #expect(evicted == ["3=30 evicted"] || evicted == ["4=40 evicted"], "the newest entry has its time")
        let left = Set(all.dropFirst(3).map { $0.prefix(4) })
        #expect(left == ["3=30", "4=40", "5=50"], "what was not evicted was removed")
    }

    @Test("each value that leaves is released exactly once, outside the locks")
    func lifetimes() throws {
        final class Tracked: Sendable {
            let live: Mutex<Int>.Box
            let cache: Mutex<MemoryCache<Int, Tracked>?>.Box
            init(_ live: Mutex<Int>.Box, _ cache: Mutex<MemoryCache<Int, Tracked>?>.Box) {
                self.live = live
                self.cache = cache
                live.value.withLock { $0 += 1 }
            }
            deinit {
                live.value.withLock { $0 -= 1 }
                // Comes back to the table from the end of a value's life; with a lock held this would hang.
                _ = cache.value.withLock { $0 }?.value(forKey: 0)
            }
        }
        let live = Mutex<Int>.Box(Mutex(0))
        let box = Mutex<MemoryCache<Int, Tracked>?>.Box(Mutex(nil))
        let cache = try MemoryCache<Int, Tracked>(capacity: .entries(50))
        box.value.withLock { $0 = cache }
        for number in 0..<500 {
            cache.setValue(Tracked(live, box), forKey: number % 120)
            if number.isMultiple(of: 7) { cache.removeValue(forKey: number % 120) }
        }
        #expect(live.value.withLock { $0 } == cache.statistics.entries)
        cache.removeAll()
        #expect(live.value.withLock { $0 } == 0)
        box.value.withLock { $0 = nil }
    }
}

extension Mutex where Value: Sendable {
    /// Gives a mutex a place that several objects can share.
    final class Box: Sendable {
        let value: Mutex<Value>
        init(_ value: consuming Mutex<Value>) { self.value = value }
    }
}
