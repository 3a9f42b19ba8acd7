import Foundation
import LarderTesting
import Testing

@testable import Larder

@Suite struct MissRatioCurveTests {
    /// The misses of a cache that evicts what was used least recently, found out by keeping one.
    private func misses(_ keys: [UInt64], capacity: Int) -> Double {
        var lastUses: [UInt64: Int] = [:]
        var keyAtUse: [Int: UInt64] = [:]
        var oldest = 0
        var misses = 0
        for (time, key) in keys.enumerated() {
            if let last = lastUses[key] {
                keyAtUse[last] = nil
            } else {
                misses += 1
                if lastUses.count == capacity {
                    while keyAtUse[oldest] == nil { oldest += 1 }
                    if let evicted = keyAtUse.removeValue(forKey: oldest) { lastUses[evicted] = nil }
                }
            }
            lastUses[key] = time
            keyAtUse[time] = key
        }
        return Double(misses) / Double(keys.count)
    }

    private func hash(_ key: UInt64) -> UInt64 {
        var mixer = SplitMix64(seed: key)
        return mixer.next()
    }

    /// Requests of which few keys get many, and which drift.
    private func requests(_ count: Int, keys: Int, seed: UInt64) -> [UInt64] {
        var random = SplitMix64(seed: seed)
        return (0..<count)
            .map { time in
                let share = Double.random(in: 0..<1, using: &random)
                return UInt64(pow(Double(keys), share)) + UInt64(time / 2_000)
            }
    }

    @Test("as long as all keys fit into the sample the curve is exact")
    func exact() {
        let seed = UInt64.random(in: .min ... .max)
        let keys = requests(20_000, keys: 300, seed: seed)
        var curve = MissRatioCurve()
        for key in keys { curve.record(hash(key)) }
        for capacity in [1, 2, 3, 10, 50, 64, 100, 200, 300] {
            let expected = misses(keys, capacity: capacity)
            #expect(abs(curve.missRatio(atCapacity: capacity) - expected) < 1e-9, "seed \(seed), \(capacity)")
        }
    }

    @Test("from a sample of the keys the curve is within one percent on the average")
    func sampled() {
        let keys = requests(100_000, keys: 200_000, seed: 7)
        var curve = MissRatioCurve(maximumSamples: 4_096)
        for key in keys { curve.record(hash(key)) }
        let distinct = Set(keys).count
        #expect(distinct > 20_000)
        let capacities = (1...10).map { distinct * $0 / 10 }
        let errors = capacities.map { abs(curve.missRatio(atCapacity: $0) - misses(keys, capacity: $0)) }
        #expect(errors.reduce(0, +) / Double(errors.count) < 0.01, "\(errors)")
    }

    @Test("the curve never rises, and begins with all requests")
    func shape() {
        var curve = MissRatioCurve(maximumSamples: 100)
        #expect(curve.missRatio(atCapacity: 10) == 1)
        for key in requests(50_000, keys: 5_000, seed: 3) { curve.record(hash(key)) }
        #expect(curve.requests == 50_000)
        #expect(curve.missRatio(atCapacity: 0) == 1)
        var last = 1.0
        for capacity in stride(from: 1, to: 20_000, by: 17) {
            let ratio = curve.missRatio(atCapacity: capacity)
            #expect((0...last + 1e-12).contains(ratio), "\(capacity)")
            last = ratio
        }
    }
}
