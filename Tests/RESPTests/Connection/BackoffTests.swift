import LarderTesting
import Testing

@testable import RESP

@Suite("Pauses between attempts to connect")
struct BackoffTests {
    @Test("the first retry is at once, the others after pauses that double up to the longest, less up to half")
    func pauses() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SplitMix64(seed: seed)
        var backoff = Backoff(shortest: .milliseconds(10), longest: .milliseconds(100))
        for full in [0, 10, 20, 40, 80, 100, 100, 100] {
            let pause = backoff.next(using: &generator)
            let isInRange = pause >= .milliseconds(full) / 2 && pause <= .milliseconds(full)
            #expect(isInRange, "\(pause) of \(full) ms; the seed is \(seed).")
        }
        backoff.reset()
        #expect(backoff.next(using: &generator) == .zero)
    }

    @Test("pauses are not the same for all clients")
    func jitter() {
        var generator = SplitMix64(seed: 1)
        let pauses = (0..<20)
            .map { _ in
                var backoff = Backoff(shortest: .milliseconds(10), longest: .seconds(1))
                _ = backoff.next(using: &generator)
                return backoff.next(using: &generator)
            }
        #expect(Set(pauses).count > 10)
    }

    @Test("hundreds of attempts do not overflow")
    func manyAttempts() {
        var generator = SplitMix64(seed: 1)
        var backoff = Backoff(shortest: .milliseconds(10), longest: .seconds(1))
        for _ in 0..<500 { #expect(backoff.next(using: &generator) <= .seconds(1)) }
    }
}

@Suite("Deadlines of calls")
struct DeadlinesTests {
    @Test("calls of a short span share a deadline that is no earlier than their own")
    func sharing() {
        var deadlines = Deadlines()
        for call in 1...1_000 { deadlines.add(UInt64(call), now: Int64(call), timeout: 64_000) }
        #expect(deadlines.earliest == 65_000)
        #expect(deadlines.removePassed(now: 64_999) == nil)
        let passed = deadlines.removePassed(now: 65_000)
        #expect(passed?.lastCall == 999)
        #expect(deadlines.earliest == 66_000)
    }

    @Test("a turn without new calls adds no deadline")
    func turnWithoutCalls() {
        var deadlines = Deadlines()
        deadlines.add(0, now: 5, timeout: 640)
        #expect(deadlines.earliest == nil)
        deadlines.add(1, now: 5, timeout: 640)
        deadlines.add(1, now: 500, timeout: 640)
        _ = deadlines.removePassed(now: 1_000)
        #expect(deadlines.earliest == nil)
    }
}
