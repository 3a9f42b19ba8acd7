import LarderTesting
import MemoryCache
import Testing

@testable import Larder

@Suite(.timeLimit(.minutes(10))) struct LifetimeCurveTests {
    /// The misses by expiry of a cache that holds all keys, and whose entries live for a time.
    private func expirations(_ reads: [(key: Int, time: Int)], timeToLive: Double) -> Int {
        var loads: [Int: Int] = [:]
        var count = 0
        for read in reads {
            if let loaded = loads[read.key] {
                guard Double(read.time - loaded) >= timeToLive else { continue }
                count += 1
            }
            loads[read.key] = read.time
        }
        return count
    }

    private func hash(_ key: Int) -> UInt64 {
        var mixer = SplitMix64(seed: UInt64(key))
        return mixer.next()
    }

    @Test("what another lifetime would bring is what a cache with that lifetime would do, to within a few percent")
    func agreement() {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix64(seed: seed)
        // A few keys that are read often, many that are read now and then, over twenty lifetimes of a minute.
        var reads: [(key: Int, time: Int)] = []
        for _ in 0..<120_000 {
            let share = Double.random(in: 0..<1, using: &random)
            reads.append((Int(4_000 * share * share * share), Int.random(in: 0..<1_200_000, using: &random)))
        }
        reads.sort { $0.time < $1.time }
        var curve = LifetimeCurve(timeToLive: .seconds(60), maximumKeys: 1_000)
        for read in reads { curve.sample(hash(read.key), at: UInt64(read.time) * 1_000_000) }
        #expect(curve.sampledKeys <= 1_000)
        let real = Double(expirations(reads, timeToLive: 60_000))
        for (factor, relative) in zip(LifetimeCurve.factors, curve.relativeExpirations) {
            let exact = Double(expirations(reads, timeToLive: 60_000 * factor)) / real
            #expect(abs(relative - exact) < 0.06, "seed \(seed), factor \(factor): \(relative) for \(exact)")
        }
    }

    @Test("a key that comes back too late again is not counted as spared")
    func chains() {
        var curve = LifetimeCurve(timeToLive: .seconds(10))
        // Each key each fifteen seconds: twice the lifetime spares each other miss, and no more.
        for round in 0..<200 {
            for key in 0..<10 { curve.sample(hash(key), at: UInt64(round) * 15_000_000_000) }
        }
        let relative = curve.relativeExpirations
        #expect(relative[0] == 1)
        #expect(relative[1] == 1)
        #expect(abs(relative[2] - 0.5) < 0.01)
        #expect(abs(relative[3] - 1.0 / 3) < 0.01)
    }

    @Test("few expiries tell nothing, and so does a namespace that stores nothing")
    func tooLittle() {
        var curve = LifetimeCurve(timeToLive: .seconds(10))
        for round in 0..<20 { curve.sample(1, at: UInt64(round) * 15_000_000_000) }
        #expect(curve.relativeExpirations.isEmpty)
        var none = LifetimeCurve(timeToLive: .zero)
        for round in 0..<200 { none.sample(1, at: UInt64(round) * 15_000_000_000) }
        #expect(none.relativeExpirations.isEmpty)
        #expect(none.sampledKeys == 0)
    }

    @Test("however many keys there are, only a bounded number is kept, and an hour lets new ones in")
    func bounded() {
        var curve = LifetimeCurve(timeToLive: .seconds(1), maximumKeys: 100)
        for key in 0..<100_000 { curve.sample(hash(key), at: UInt64(key)) }
        #expect(curve.sampledKeys <= 100)
        curve.limit(to: 0)
        #expect(curve.sampledKeys <= 1)
        curve.startHour()
        for key in 0..<50 { curve.sample(hash(key), at: 0) }
        #expect(curve.sampledKeys >= 50)
    }
}
