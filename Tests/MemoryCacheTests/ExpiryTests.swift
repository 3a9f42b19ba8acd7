import LarderTesting
import MemoryCache
import Testing

@Suite struct ExpiryTests {
    @Test("a sweep removes exactly what has expired, whatever the lifetimes, and however far the clock moves")
    func sweepAgreesWithModel() throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix64(seed: seed)
        let clock = ManualClock()
        let cache = try MemoryCache<Int, Int>(capacity: .entries(10_000), clock: clock)
        var model: [Int: Duration] = [:]
        for step in 0..<20_000 {
            let key = Int.random(in: 0..<2_000, using: &random)
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<80:
                // From milliseconds to years, so that all levels of the wheel are in use.
                let life = Duration.milliseconds(1 << Int.random(in: 0..<36, using: &random))
                let isEternal = Int.random(in: 0..<10, using: &random) == 0
                cache.setValue(step, forKey: key, timeToLive: isEternal ? nil : life)
                model[key] = isEternal ? .seconds(Int64.max) : clock.now.offset + life
            case 80..<90:
                cache.removeValue(forKey: key)
                model[key] = nil
            case 90..<98:
                clock.advance(by: .milliseconds(1 << Int.random(in: 0..<20, using: &random)))
            default:
                cache.removeExpired()
                model = model.filter { $0.value > clock.now.offset }
                #expect(cache.statistics.entries == model.count, "seed \(seed) step \(step)")
                #expect(cache.isConsistent, "seed \(seed) step \(step)")
            }
        }
        clock.advance(by: .seconds(1 << 40))
        cache.removeExpired()
        #expect(cache.statistics.entries == model.values.count { $0 == .seconds(Int64.max) }, "seed \(seed)")
    }

    @Test("an entry that is read lives on, one that is idle for too long does not")
    func timeToIdle() throws {
        let clock = ManualClock()
        let cache = try MemoryCache<Int, Int>(capacity: .entries(10), timeToIdle: .seconds(10), clock: clock)
        cache.setValue(1, forKey: 1)
        cache.setValue(2, forKey: 2)
        cache.setValue(3, forKey: 3, timeToLive: .seconds(25))
        for _ in 0..<10 {
            clock.advance(by: .seconds(9))
            cache.removeExpired()
            #expect(cache.value(forKey: 1) == 1)
            _ = cache.value(forKey: 3)
        }
        #expect(cache.value(forKey: 2) == nil)
        #expect(cache.value(forKey: 3) == nil, "use does not lengthen the time to live")
        clock.advance(by: .seconds(10))
        #expect(cache.value(forKey: 1) == nil)
        #expect(cache.statistics.entries == 0)
    }

    @Test("a replacement that ends earlier ends earlier")
    func shortenedLife() throws {
        let clock = ManualClock()
        let cache = try MemoryCache<Int, Int>(capacity: .entries(10), clock: clock)
        cache.setValue(1, forKey: 1, timeToLive: .seconds(1_000))
        cache.setValue(2, forKey: 1, timeToLive: .seconds(1))
        clock.advance(by: .seconds(1))
        #expect(cache.removeExpired() == 1)
    }

    @Test("expired entries leave as others are stored, without a sweep")
    func writesRemoveExpired() throws {
        let clock = ManualClock()
        let cache = try MemoryCache<Int, Int>(capacity: .entries(900), clock: clock)
        for number in 0..<800 { cache.setValue(number, forKey: number, timeToLive: .seconds(1)) }
        clock.advance(by: .seconds(2))
        for number in 1_000..<1_200 { cache.setValue(number, forKey: number) }
        #expect(cache.statistics.expirations == 800)
        #expect(cache.statistics.entries == 200)
        #expect(cache.isConsistent)
    }

    @Test("all entries that expire at once leave in one sweep, each reported once")
    func allAtOnce() throws {
        let clock = ManualClock()
        let expired = Counter()
        let cache = try MemoryCache<Int, Int>(
            capacity: .entries(30_000),
            clock: clock,
            removalListener: { _, _, cause in if cause == .expired { expired.add() } }
        )
        for number in 0..<20_000 { cache.setValue(number, forKey: number, timeToLive: .seconds(60)) }
        clock.advance(by: .seconds(60))
        #expect(cache.removeExpired() == 20_000)
        #expect(expired.value == 20_000)
        #expect(cache.statistics.entries == 0)
        #expect(cache.isConsistent)
    }
}
