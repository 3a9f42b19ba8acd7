import LarderTesting
import MemoryCache
import Synchronization
import Testing

@Suite struct BoundedStepTests {
    private struct BadKey: Hashable, Sendable {
        let number: Int
        func hash(into hasher: inout Hasher) { hasher.combine(0) }
    }

    @Test("of keys that all have one hash only a few are kept, the newest among them")
    func collisions() throws {
        let left = Counter()
        let cache = try MemoryCache<BadKey, Int>(
            capacity: .entries(10_000),
            removalListener: { key, value, cause in
                left.add(key.number == value && cause == .evicted ? 1 : 1_000_000)
            }
        )
        for number in 0..<5_000 {
            cache.setValue(number, forKey: BadKey(number: number))
            #expect(cache.value(forKey: BadKey(number: number)) == number)
        }
        #expect((256...1_024).contains(cache.statistics.entries))
        #expect(left.value == 5_000 - cache.statistics.entries)
        #expect(cache.isConsistent)
    }

    @Test("many entries that expire at once, after a long time, all leave when asked to", arguments: [1, 100, 90_000])
    func expiry(seconds: Int) throws {
        let clock = ManualClock()
        let cache = try MemoryCache<Int, Int>(capacity: .entries(30_000), time: TimeSource(clock), shards: 1)
        for key in 0..<30_000 {
            cache.setValue(key, forKey: key, timeToLive: .seconds(key % 3 == 0 ? 2 * seconds + 7_200 : seconds))
        }
        clock.advance(by: .seconds(seconds + 1))
        #expect(cache.removeExpired() == 20_000)
        #expect(cache.isConsistent)
        clock.advance(by: .seconds(2 * seconds + 7_200))
        #expect(cache.removeExpired() == 10_000)
        #expect(cache.statistics.weight == 0)
    }

    @Test("entries that expired at once leave bit by bit when others are stored")
    func writes() throws {
        let clock = ManualClock()
        let cache = try MemoryCache<Int, Int>(capacity: .entries(30_000), time: TimeSource(clock), shards: 1)
        for key in 0..<20_000 { cache.setValue(key, forKey: key, timeToLive: .seconds(5_000)) }
        clock.advance(by: .seconds(6_000))
        for key in 0..<5_000 { cache.setValue(key, forKey: -key - 1) }
        #expect(cache.statistics.entries == 5_000)
        #expect(cache.isConsistent)
    }

    @Test("the listener hears once of each entry when all are removed, and may store others meanwhile")
    func removeAll() throws {
        let heard = Mutex<[Int: Int]>([:])
        let cache = Mutex<MemoryCache<Int, Int>?>(nil)
        let new = try MemoryCache<Int, Int>(
            capacity: .entries(50_000),
            removalListener: { key, _, _ in
                heard.withLock { $0[key, default: 0] += 1 }
                if key == 7 { cache.withLock { $0 }?.setValue(0, forKey: -1) }
            }
        )
        cache.withLock { $0 = new }
        for key in 0..<20_000 { new.setValue(key, forKey: key) }
        new.removeAll()
        #expect(
            heard.withLock { $0 }.filter { $0.key >= 0 }
                == Dictionary(uniqueKeysWithValues: (0..<20_000).map { ($0, 1) })
        )
        #expect(new.statistics.entries <= 1)
        #expect(new.isConsistent)
        cache.withLock { $0 = nil }
    }

    @Test("one heavy entry makes as many light ones leave as it needs, wherever they are")
    func heavy() throws {
        let cache = try MemoryCache<Int, Int>(capacity: .weight(100_000)) { key, _ in key < 0 ? 90_000 : 1 }
        for key in 0..<100_000 { cache.setValue(key, forKey: key) }
        cache.setValue(1, forKey: -1)
        #expect(cache.statistics.weight <= 100_000)
        #expect(cache.statistics.weight > 90_000)
        #expect(cache.isConsistent)
    }

    @Test("a value that calls the cache when it ends may do so also where a listener hears of it")
    func endsOutsideLocks() throws {
        final class Value: Sendable {
            let end: @Sendable () -> Void
            init(_ end: @escaping @Sendable () -> Void) { self.end = end }
            deinit { end() }
        }
        let ended = Counter()
        let found = Mutex<MemoryCache<Int, Value>?>(nil)
        let cache = try MemoryCache<Int, Value>(capacity: .entries(10), removalListener: { _, _, _ in })
        found.withLock { $0 = cache }
        for key in 0..<1_000 {
            let value = Value {
                ended.add()
                // With a lock held this would hang.
                found.withLock { $0 }?.removeValue(forKey: -1)
            }
            cache.setValue(value, forKey: key % 20)
        }
        #expect(ended.value == 990)
        found.withLock { $0 = nil }
    }
}
