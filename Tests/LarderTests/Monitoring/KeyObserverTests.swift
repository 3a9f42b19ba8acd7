import Foundation
import LarderTesting
import MemoryCache
import Testing

@testable import Larder

@Suite(.timeLimit(.minutes(10))) struct KeyObserverTests {
    private let clock = ManualClock()

    private func cache(_ capacity: Int) throws -> TieredCache<Int, Int> {
        try CacheSystem(clock: clock).cache(CacheNamespace.inMemory("numbers", memory: .entries(capacity)))
    }

    @Test("the hottest keys are found among hits and misses, and the curve tells what another capacity would bring")
    func hottestAndCurve() async throws {
        let cache = try cache(200)
        // Key 7 each other time, and 1,000 others in turn, so that nothing smaller than all of them holds any.
        for round in 0..<4_000 {
            _ = try await cache.value(forKey: 7) { $0 }
            _ = try await cache.value(forKey: 1_000 + round % 1_000) { $0 }
            clock.advance(by: .milliseconds(1))
        }
        let hottest = try #require(cache.hottestKeys(3).first)
        #expect(hottest.key == 7)
        #expect((3_900...4_300).contains(hottest.reads))
        let half = try #require(cache.estimatedMissRatio(atCapacity: 500))
        #expect(abs(half - 0.5) < 0.01)
        let all = try #require(cache.estimatedMissRatio(atCapacity: 1_002))
        #expect(abs(all - 0.125) < 0.01)
    }

    @Test("reads are looked at on whatever thread they come, however many threads there are")
    func manyThreads() async throws {
        let cache = try cache(200)
        // More threads at once than any machine of tests has lanes for readers.
        let threads = (0..<100).map { _ in Thread { for _ in 0..<10 { _ = cache.cachedValue(forKey: 7) } } }
        for thread in threads { thread.start() }
        while threads.contains(where: { !$0.isFinished }) { await Task.yield() }
        let hottest = try #require(cache.hottestKeys(1).first)
        #expect((hottest.key, hottest.reads) == (7, 1_000))
    }

    @Test("however many reads there are, only a bounded number of them is looked at in a second")
    func budget() throws {
        let observer = KeyObserver<Int>(MonitoringRules(), clock: CacheClock(clock))
        var random = SplitMix64(seed: 3)
        var threshold = UInt64.max
        var looks = 0
        for turn in 0..<4_000_000 {
            if turn % 100 == 0 { clock.advance(by: .microseconds(10)) }
            let hash = random.next()
            let isTurn = random.next() < threshold
            guard isTurn || hash < threshold else { continue }
            looks += 1
            threshold = observer.observe(Int(truncatingIfNeeded: hash), hash, isTurn: isTurn)
        }
        // Four tenths of a second: its share of the budget, and a quarter of a second's for each halving.
        #expect(looks < Int(KeyObserver<Int>.budget * (0.4 + 0.25 * 16)))
        #expect(threshold < .max / 64)
        #expect(observer.hottest(20).count == 20)
        clock.advance(by: .seconds(3_600))
        #expect(observer.startHour() == .max)
        #expect(observer.startHour() == nil)
        #expect(observer.curve.requests > 3_000_000)
    }

    @Test("the memory of the observer does not grow with the number of keys")
    func bounded() throws {
        let observer = KeyObserver<Int>(MonitoringRules(hotKeys: 100, sampledKeys: 1_000), clock: CacheClock(clock))
        for key in 0..<300_000 {
            var mixer = SplitMix64(seed: UInt64(key))
            clock.advance(by: .milliseconds(1))
            _ = observer.observe(key, mixer.next(), isTurn: true)
        }
        #expect(observer.hottest(.max).count == 100)
        #expect(observer.curve.sampledKeys <= 1_000)
    }
}
