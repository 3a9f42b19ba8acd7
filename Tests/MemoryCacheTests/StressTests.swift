import LarderTesting
import MemoryCache
import Synchronization
import Testing

@Suite(.serialized) struct StressTests {
    /// What tasks do at random; a fixed share of each.
    private static func act(
        on cache: MemoryCache<String, Int>,
        _ clock: ManualClock,
        _ inserted: Counter,
        _ random: inout SplitMix64
    ) -> Bool {
        let number = Int.random(in: 0..<3_000, using: &random)
        let key = "key number \(number)"
        switch Int.random(in: 0..<1_000, using: &random) {
        case 0..<500:
            let value = cache.value(forKey: key)
            return value == nil || value == number
        case 500..<560:
            return cache.withValue(forKey: key) { $0 == number } ?? true
        case 560..<800:
            if cache.setValue(number, forKey: key) { inserted.add() }
        case 800..<940:
            let life = Duration.milliseconds(Int.random(in: 0..<2_000, using: &random))
            if cache.setValue(number, forKey: key, timeToLive: life) { inserted.add() }
        case 940..<980:
            cache.removeValue(forKey: key)
        case 980..<990:
            clock.advance(by: .milliseconds(Int.random(in: 0..<100, using: &random)))
        case 990..<993:
            cache.removeExpired()
        case 993..<995:
            cache.removeAll { _, value in value % 50 == number % 50 }
        case 995..<996:
            return cache.entries.prefix(500).allSatisfy { $0 == "key number \($1)" }
        case 996..<997:
            return cache.hottest(10).count <= 10
        case 997..<998:
            cache.removeAll()
        default:
            try? cache.setCapacity(.weight(Int.random(in: 1_000..<4_000, using: &random)))
        }
        return true
    }

    @Test("whatever eight tasks do, the sums are right and each entry that left was reported, at each pause")
    func everything() async throws {
        let seed = UInt64.random(in: .min ... .max)
        let clock = ManualClock()
        let inserted = Counter()
        let left = Counter()
        let cache = try MemoryCache<String, Int>(
            capacity: .weight(2_000),
            timeToIdle: .seconds(5),
            clock: clock,
            weigher: { _, value in value % 3 },
            removalListener: { key, value, _ in left.add(key == "key number \(value)" ? 1 : 1_000_000_000) }
        )
        for round in 0..<5 {
            await withTaskGroup { group in
                for task in 0..<8 {
                    group.addTask {
                        var random = SplitMix64(seed: seed &+ UInt64(round * 8 + task))
                        for step in 0..<3_000 where !Self.act(on: cache, clock, inserted, &random) {
                            Issue.record("seed \(seed) round \(round) task \(task) step \(step)")
                        }
                    }
                }
            }
            // A limit that was lowered while others wrote is enforced by the next write.
            try cache.setCapacity(cache.capacity)
            #expect(cache.isConsistent, "seed \(seed) round \(round)")
            #expect(inserted.value - left.value == cache.statistics.entries, "seed \(seed) round \(round)")
        }
    }

    @Test("each value is released exactly once, outside the locks, also when tasks race")
    func lifetimes() async throws {
        final class Tracked: Sendable {
            let live: Counter
            let cache: @Sendable () -> MemoryCache<Int, Tracked>?
            init(_ live: Counter, _ cache: @escaping @Sendable () -> MemoryCache<Int, Tracked>?) {
                self.live = live
                self.cache = cache
                live.add()
            }
            deinit {
                live.add(-1)
                // With a lock held this would hang.
                cache()?.removeValue(forKey: -1)
                _ = cache()?.value(forKey: 1)
            }
        }
        let seed = UInt64.random(in: .min ... .max)
        let live = Counter()
        let cache = try MemoryCache<Int, Tracked>(capacity: .entries(500))
        let find: @Sendable () -> MemoryCache<Int, Tracked>? = { [weak cache] in cache }
        await withTaskGroup { group in
            for task in 0..<8 {
                group.addTask {
                    var random = SplitMix64(seed: seed &+ UInt64(task))
                    for _ in 0..<4_000 {
                        let key = Int.random(in: 0..<800, using: &random)
                        switch Int.random(in: 0..<10, using: &random) {
                        case 0..<5: _ = cache.value(forKey: key)?.live
                        case 5..<9: cache.setValue(Tracked(live, find), forKey: key)
                        default: cache.removeValue(forKey: key)
                        }
                    }
                }
            }
        }
        #expect(live.value == cache.statistics.entries, "seed \(seed)")
        cache.removeAll()
        #expect(live.value == 0, "seed \(seed)")
    }

    @Test("a cache that ends releases what it held")
    func end() throws {
        let live = Counter()
        final class Tracked: Sendable {
            let live: Counter
            init(_ live: Counter) {
                self.live = live
                live.add()
            }
            deinit { live.add(-1) }
        }
        do {
            let cache = try MemoryCache<String, Tracked>(capacity: .entries(10_000))
            for number in 0..<5_000 { cache.setValue(Tracked(live), forKey: "a key of more than 15 bytes \(number)") }
            cache.removeValue(forKey: "a key of more than 15 bytes 7")
            #expect(live.value == 4_999)
        }
        #expect(live.value == 0)
    }

    @Test("a listener hears of the values of a key in the order in which they were replaced")
    func orderPerKey() async throws {
        let heard = Mutex<[Int: [Int]]>([:])
        let cache = try MemoryCache<Int, Int>(
            capacity: .entries(100),
            removalListener: { key, value, _ in heard.withLock { $0[key, default: []].append(value) } }
        )
        // Each key has one writer, whose values rise; readers and other keys of the shard get in between.
        await withTaskGroup { group in
            for key in 0..<8 {
                group.addTask {
                    for value in 0..<3_000 {
                        cache.setValue(value, forKey: key)
                        _ = cache.value(forKey: (key + 1) % 8)
                    }
                }
            }
        }
        for key in 0..<8 {
            #expect(heard.withLock { $0[key] } == Array(0..<2_999))
        }
    }
}
