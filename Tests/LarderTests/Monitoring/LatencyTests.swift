import LarderTesting
import Testing

@testable import Larder

@Suite struct LatencyTests {
    @Test("percentiles are never too low, and at most a sixteenth too high")
    func percentiles() {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix64(seed: seed)
        for highest in [10, 1_000, 1_000_000, 1_000_000_000_000] as [Int64] {
            var histogram = LatencyHistogram()
            var exact: [Int64] = []
            for _ in 0..<5_000 {
                let value = Int64.random(in: 0...Int64.random(in: 0...highest, using: &random), using: &random)
                histogram.record(.nanoseconds(value))
                exact.append(value)
            }
            exact.sort()
            for share in [0, 0.001, 0.5, 0.9, 0.99, 0.999, 0.9999, 1] {
                let expected = exact[max(1, Int((share * 5_000).rounded(.up))) - 1]
                let found = histogram.percentile(share)
                #expect(found >= .nanoseconds(expected), "seed \(seed), \(share) of \(highest)")
                #expect(found <= .nanoseconds(expected + expected / 16 + 1), "seed \(seed), \(share) of \(highest)")
            }
            #expect(histogram.count == 5_000)
            #expect(histogram.sum == .nanoseconds(exact.reduce(0, +)))
            #expect(histogram.maximum == .nanoseconds(exact.last ?? 0))
        }
    }

    @Test("nothing, less than nothing and very much have their places")
    func edges() {
        var histogram = LatencyHistogram()
        #expect(histogram.percentile(0.5) == .zero)
        histogram.record(.seconds(-1))
        #expect(histogram.percentile(1) == .zero)
        histogram.record(.seconds(Int64.max))
        histogram.record(.seconds(86_400))
        #expect(histogram.percentile(1) == .nanoseconds(1 << 41 - 1))
        #expect(histogram.count == 3)
    }

    @Test("the sum of two histograms is the histogram of both")
    func sums() {
        var (one, two, both) = (LatencyHistogram(), LatencyHistogram(), LatencyHistogram())
        for value in 0..<1_000 {
            let duration = Duration.microseconds(value * value)
            if value % 3 == 0 { one.record(duration) } else { two.record(duration) }
            both.record(duration)
        }
        one += two
        one += LatencyHistogram()
        #expect(one == both)
        var empty = LatencyHistogram()
        empty += both
        #expect(empty == both)
    }

    @Test("a window counts what came within it, less at most one slice, and nothing from before")
    func windows() {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix64(seed: seed)
        var windows = LatencyWindows()
        var times: [Int] = []
        var now = 0
        let spans: [(StatisticsWindow, length: Int, slice: Int)] = [
            (.oneMinute, 60, 10), (.fiveMinutes, 300, 60), (.fifteenMinutes, 900, 60), (.oneHour, 3_600, 300),
            (.oneDay, 86_400, 3_600),
        ]
        for _ in 0..<4_000 {
            // Often a few seconds, seldom hours.
            now += Int.random(in: 0...(Int.random(in: 0..<200, using: &random) == 0 ? 20_000 : 12), using: &random)
            windows.record(.milliseconds(1), at: .seconds(now))
            times.append(now)
            guard Int.random(in: 0..<20, using: &random) == 0 else { continue }
            for (window, length, slice) in spans {
                let count = windows.histogram(window, at: .seconds(now)).count
                let atMost = times.count { $0 > now - length }
                let atLeast = times.count { $0 > now - length + slice }
                #expect((atLeast...atMost).contains(count), "seed \(seed), \(window) at \(now)")
            }
        }
        for window in StatisticsWindow.allCases {
            #expect(windows.histogram(window, at: .seconds(now + 100_000)).count == 0)
        }
    }
}
