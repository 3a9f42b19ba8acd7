import LarderTesting
import Testing

@testable import Larder

@Suite struct HotKeysTests {
    @Test("no count is too low, none is too high by more than it says, and no frequent key is missed")
    func guarantees() {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix64(seed: seed)
        for capacity in [1, 2, 10, 100] {
            var sketch = HotKeys<Int>(capacity: capacity)
            var exact: [Int: Int] = [:]
            for _ in 0..<20_000 {
                // Key 1 half of the time, key 2 a quarter, and so on; or one of very many.
                let key =
                    Bool.random(using: &random)
                    ? Int.random(in: 1_000...100_000, using: &random)
                    : (UInt64.random(in: .min ... .max, using: &random) | 1 << 63).trailingZeroBitCount
                sketch.record(key, hash: UInt64(key))
                exact[key, default: 0] += 1
            }
            let entries = sketch.hottest(.max)
            #expect(entries.count == capacity)
            for entry in entries {
                let count = exact[entry.key] ?? 0
                #expect(count <= entry.count && entry.count - entry.error <= count, "seed \(seed), \(entry)")
            }
            let kept = Set(entries.map(\.key))
            for (key, count) in exact where count > sketch.requests / capacity {
                #expect(kept.contains(key), "seed \(seed), \(key) with \(count)")
            }
            #expect(entries.map(\.count) == entries.map(\.count).sorted(by: >))
        }
    }

    @Test("what was hot long ago makes room for what is hot now")
    func decay() {
        var sketch = HotKeys<String>(capacity: 10)
        for _ in 0..<1_000 { sketch.record("old", hash: 1) }
        for _ in 0..<5 { sketch.decay() }
        for _ in 0..<100 { sketch.record("new", hash: 2) }
        #expect(sketch.hottest(2).map(\.key) == ["new", "old"])
        #expect(sketch.hottest(2).map(\.count) == [100, 31])
        #expect(sketch.hottest(0).isEmpty)
    }
}
