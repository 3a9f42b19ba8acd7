import LarderTesting
import Testing

@testable import Larder

@Suite struct LoadPacerTests {
    /// The most starts in any second, wherever it begins.
    private func mostInASecond(_ starts: [Duration]) -> Int {
        var (most, first) = (0, 0)
        for (index, start) in starts.enumerated() {
            while start - starts[first] >= .seconds(1) { first += 1 }
            most = max(most, index - first + 1)
        }
        return most
    }

    @Test("no second has more starts than the rate, wherever it begins, however late those come who start")
    func rate() {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix64(seed: seed)
        for rate in [1, 3, 7, 50, 200, 333] {
            var pacer = LoadPacer(maximumRate: Double(rate))
            var starts: [Duration] = []
            // Some who want to load, each with when it will ask for its turn.
            var turns = (0..<5).map { _ in pacer.book(at: .zero) }
            while starts.count < 2_000 {
                guard let next = turns.indices.min(by: { turns[$0] < turns[$1] }) else { return }
                // Now and then one wakes late, and nobody asks meanwhile, which must not save up turns.
                let lateness = [0, 0, 0, 1, 40, 700][Int.random(in: 0..<6, using: &random)]
                let now = max(turns[next] + .milliseconds(lateness), starts.last ?? .zero)
                if let again = pacer.start(at: now) {
                    turns[next] = again
                } else {
                    starts.append(now)
                    turns[next] = pacer.book(at: now)
                }
            }
            #expect(mostInASecond(starts) <= rate, "rate \(rate), seed \(seed)")
        }
    }

    @Test("a start that was late is not made up for: the next keeps its distance from it")
    func late() {
        var pacer = LoadPacer(maximumRate: 200)
        let (first, second) = (pacer.book(at: .zero), pacer.book(at: .zero))
        #expect(pacer.start(at: first + .milliseconds(4)) == nil)
        let again = pacer.start(at: second)
        #expect(again ?? .zero >= .milliseconds(4) + .milliseconds(5))
    }

    @Test("those who come in time have all but a hundredth of the rate")
    func steady() {
        var pacer = LoadPacer(maximumRate: 100)
        var now = Duration.zero
        for _ in 0..<1_000 {
            now = pacer.book(at: now)
            #expect(pacer.start(at: now) == nil)
        }
        #expect(now > .seconds(9.99) && now < .seconds(10.2))
    }

    @Test("after a rest nothing starts for a second, not even what was booked before")
    func rest() {
        var pacer = LoadPacer(maximumRate: 100)
        let booked = pacer.book(at: .zero)
        pacer.rest(at: .zero)
        #expect(pacer.start(at: booked) ?? .zero >= .seconds(1))
        #expect(pacer.book(at: .zero) > .seconds(1))
    }

    @Test("an origin that slows down, or fails more often than not, is asked less, and asked as before once it is well")
    func backOff() {
        var pacer = LoadPacer(maximumRate: 100)
        func end(_ count: Int, _ duration: Duration = .milliseconds(5), failing: (Int) -> Bool = { _ in false }) {
            for number in 0..<count { pacer.end(after: duration, isFailure: failing(number)) }
        }
        end(100)
        #expect(pacer.rate == 100)
        end(100, .milliseconds(100))
        #expect(pacer.rate < 10)
        end(400)
        #expect(pacer.rate == 100)
        end(60, failing: { $0 % 3 != 0 })
        #expect(pacer.rate < 20)
        end(1_000, .milliseconds(100), failing: { _ in true })
        #expect(pacer.rate == 1, "it never falls below a hundredth")
        end(1_000)
        #expect(pacer.rate == 100)
        end(300, failing: { $0 % 3 == 0 })
        #expect(pacer.rate == 100, "failures of a third are tried again, and slow nothing down")
    }
}
