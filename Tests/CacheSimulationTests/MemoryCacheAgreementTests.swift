import CacheSimulation
import Foundation
import LarderTesting
import MemoryCache
import Testing

@Suite struct MemoryCacheAgreementTests {
    @Test(
        "the memory cache and the model of its policy answer each request alike",
        arguments: [1, 2, 10, 63, 500, 3_000]
    )
    func agreement(capacity: Int) throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix64(seed: seed)
        let cache = try MemoryCache<UInt64, UInt64>(
            capacity: .entries(capacity),
            time: TimeSource(ManualClock()),
            shards: 1
        )
        var model = LarderPolicy(capacity: capacity)
        var hits = 0
        for step in 0..<60_000 {
            let key = Self.key(at: step, capacity: capacity, using: &random)
            let isHit = cache.value(forKey: key) != nil
            if !isHit { cache.setValue(key, forKey: key) }
            let modelHit = model.request(key, hash: UInt64(cache.policyHash(of: key)))
            guard isHit == modelHit else {
                Issue.record("request \(step) of seed \(seed): the cache says \(isHit), the model \(modelHit)")
                return
            }
            hits += isHit ? 1 : 0
        }
        #expect(hits > 0 || capacity < 10, "requests of which none hits would show nothing, seed \(seed)")
    }

    @Test(
        "the memory cache and the model answer alike where entries weigh",
        arguments: [1, 20, 400, 5_000, 60_000],
        [1, 10, 300]
    )
    func weights(limit: Int, heaviest: Int) throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix64(seed: seed)
        let cache = try MemoryCache<UInt64, UInt64>(
            capacity: .weight(limit),
            time: TimeSource(ManualClock()),
            weigher: { key, _ in Self.weight(of: key, heaviest: heaviest) },
            shards: 1
        )
        var model = LarderPolicy(totalWeight: limit)
        for step in 0..<60_000 {
            let key = Self.key(at: step, capacity: 1 + 2 * limit / (1 + heaviest), using: &random)
            let isHit = cache.value(forKey: key) != nil
            if !isHit { cache.setValue(key, forKey: key) }
            let weight = Self.weight(of: key, heaviest: heaviest)
            let modelHit = model.request(key, hash: UInt64(cache.policyHash(of: key)), weight: weight)
            guard isHit == modelHit, cache.statistics.weight == model.weight, cache.statistics.entries == model.count
            else {
                Issue.record("request \(step) of seed \(seed): the cache says \(isHit), the model \(modelHit)")
                return
            }
        }
    }

    @Test("a recording of a live cache gives the model as many hits as the cache had")
    func recording() throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix64(seed: seed)
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("live-\(UUID().uuidString).u64")
        defer { try? FileManager.default.removeItem(at: file) }
        let cache = try MemoryCache<UInt64, UInt64>(
            capacity: .entries(500),
            time: TimeSource(ManualClock()),
            shards: 1
        )
        let recording = try cache.record(toFile: file.path)
        for step in 0..<60_000 {
            let key = Self.key(at: step, capacity: 500, using: &random)
            if cache.value(forKey: key) == nil { cache.setValue(key, forKey: key) }
        }
        try recording.finish()
        #expect(recording.droppedRequests == 0)
        let trace = try TraceFile(file).read()
        var model = LarderPolicy(capacity: 500)
        let hits = trace.keys.count { model.request($0, hash: $0 & 0xFFFF_FFFF) }
        #expect(hits == cache.statistics.hits, "seed \(seed)")
        #expect(hits > 0)
    }

    /// From 0, which counts as 1, to a little more than the heaviest that usually come; the same for each key.
    private static func weight(of key: UInt64, heaviest: Int) -> Int {
        let scattered = key &* 0x9E37_79B9_7F4A_7C15 >> 40
        return scattered % 64 == 0 ? 5 * heaviest : Int(scattered) % (heaviest + 1)
    }

    /// Frequent keys, a loop a little larger than the capacity, a scan, and a working set that shifts, in turn.
    private static func key(at step: Int, capacity: Int, using random: inout SplitMix64) -> UInt64 {
        switch step / 5_000 % 4 {
        case 0:
            let skewed = Double.random(in: 0..<1, using: &random)
            return UInt64(skewed * skewed * skewed * Double(4 * capacity + 4))
        case 1: return UInt64(1_000_000 + step % (capacity + capacity / 10 + 1))
        case 2: return UInt64(2_000_000 + step)
        default: return UInt64(3_000_000 + step / 50 + Int.random(in: 0...capacity, using: &random))
        }
    }
}
