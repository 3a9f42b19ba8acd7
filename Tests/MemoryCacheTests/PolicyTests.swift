import LarderTesting
import MemoryCache
import Testing

@Suite struct PolicyTests {
    /// The shapes of requests for which policies differ.
    enum Pattern: CaseIterable {
        case skewed
        case loop
        case scan
        case shift
        case echo

        func key(_ step: Int, capacity: Int, _ random: inout SplitMix64) -> Int {
            switch self {
            case .skewed:
                // Small keys are frequent: the product of uniform numbers.
                let one = Double.random(in: 0..<1, using: &random)
                let other = Double.random(in: 0..<1, using: &random)
                return Int(one * other * other * Double(capacity * 10))
            case .loop:
                return step % (capacity + capacity / 5 + 1)
            case .scan:
                return Bool.random(using: &random) ? 1_000_000 + step : Int.random(in: 0..<capacity, using: &random)
            case .echo:
                // Each key comes back once, later than a small window would hold it.
                return step % 2 == 0 ? step : max(0, step - 1 - capacity / 2 * 2)
            case .shift:
                return step / (4 * capacity) * 10_000 + Int.random(in: 0..<(2 * capacity), using: &random)
            }
        }
    }

    @Test(
        "the cache hits and misses exactly as the description of its policy says",
        arguments: Pattern.allCases,
        [1, 2, 7, 100, 900]
    )
    func agreesWithModel(pattern: Pattern, capacity: Int) throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix64(seed: seed)
        let cache = try MemoryCache<Int, Int>(capacity: .entries(capacity))
        var model = PolicyModel(capacity: capacity)
        for step in 0..<(capacity < 500 ? 20_000 : 25_000) {
            let key = pattern.key(step, capacity: capacity, &random)
            let isHit = model.request(key, cache.policyHash(of: key))
            let value = cache.value(forKey: key)
            guard (value != nil) == isHit else {
                Issue.record("seed \(seed) step \(step): the cache \(value == nil ? "missed" : "hit")")
                return
            }
            if value == nil { cache.setValue(key, forKey: key) }
        }
        #expect(cache.isConsistent)
    }

    @Test("a loop a little larger than the capacity hits most of the time")
    func loop() throws {
        let cache = try MemoryCache<Int, Int>(capacity: .entries(1_000))
        var hits = 0
        for step in 0..<110_000 {
            if cache.value(forKey: step % 1_100) != nil {
                if step >= 55_000 { hits += 1 }
            } else {
                cache.setValue(step, forKey: step % 1_100)
            }
        }
        #expect(hits > 55_000 * 8 / 10)
    }

    @Test("a scan does not wash out what is in use")
    func scan() throws {
        let cache = try MemoryCache<Int, Int>(capacity: .entries(1_000))
        for _ in 0..<10 {
            for key in 0..<800 where cache.value(forKey: key) == nil { cache.setValue(key, forKey: key) }
        }
        for key in 100_000..<110_000 where cache.value(forKey: key) == nil { cache.setValue(key, forKey: key) }
        #expect((0..<800).count { cache.value(forKey: $0) != nil } > 700)
    }
}
