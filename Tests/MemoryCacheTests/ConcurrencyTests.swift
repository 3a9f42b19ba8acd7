import LarderTesting
import MemoryCache
import Synchronization
import Testing

@Suite struct ConcurrencyTests {
    @Test("under random operations of many tasks nothing is lost, doubled, or out of bounds")
    func stress() async throws {
        let seed = UInt64.random(in: .min ... .max)
        let limit = 3_000
        let inserted = Counter()
        let left = Counter()
        let cache = try MemoryCache<Int, Int>(
            capacity: .weight(limit),
            weigher: { key, _ in 1 + key % 4 },
            removalListener: { key, value, _ in
                left.add(key == value / 1_000 ? 1 : 1_000_000_000)
            }
        )
        await withTaskGroup { group in
            for task in 0..<8 {
                group.addTask {
                    var random = SplitMix64(seed: seed &+ UInt64(task))
                    for step in 0..<20_000 {
                        let key = Int.random(in: 0..<4_000, using: &random)
                        switch Int.random(in: 0..<100, using: &random) {
                        case 0..<50:
                            let value = cache.value(forKey: key)
                            #expect(value == nil || value.map { $0 / 1_000 } == key, "seed \(seed)")
                        case 50..<90:
                            if cache.setValue(key * 1_000 + step % 1_000, forKey: key) {
                                inserted.add()
                            }
                        case 90..<99:
                            cache.removeValue(forKey: key)
                        default:
                            cache.removeAll { key, _ in key % 100 == step % 100 }
                        }
                    }
                }
            }
        }
        #expect(cache.isConsistent, "seed \(seed)")
        let statistics = cache.statistics
        #expect(statistics.weight <= limit, "seed \(seed)")
        let balance = inserted.value - left.value
        #expect(balance == statistics.entries, "seed \(seed)")
    }

    @Test("the cache agrees with a dictionary when nothing has to leave")
    func model() throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix64(seed: seed)
        let clock = ManualClock()
        let cache = try MemoryCache<String, Int>(capacity: .entries(5_000), clock: clock)
        var model: [String: (value: Int, deadline: Duration)] = [:]
        for step in 0..<20_000 {
            let now = clock.now.offset
            let key = "key \(Int.random(in: 0..<800, using: &random))"
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                let expected = model[key].flatMap { $0.deadline > now ? $0.value : nil }
                #expect(cache.value(forKey: key) == expected, "seed \(seed) step \(step)")
            case 5..<8:
                let life = Duration.milliseconds(Int.random(in: 1..<500, using: &random))
                cache.setValue(step, forKey: key, timeToLive: life)
                model[key] = (step, now + life)
            case 8:
                cache.removeValue(forKey: key)
                model[key] = nil
            default:
                clock.advance(by: .milliseconds(Int.random(in: 0..<20, using: &random)))
            }
        }
        #expect(cache.isConsistent, "seed \(seed)")
    }
}
