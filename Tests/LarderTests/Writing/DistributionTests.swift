import Testing

@testable import Larder

@Suite("Distributions")
struct DistributionTests {
    @Test("percentiles are at most twice too large, and never above the maximum")
    func percentiles() {
        var distribution = Distribution()
        #expect(distribution.percentile(0.5) == 0)
        for number in 1...1_000 { distribution.record(number) }
        #expect(distribution.count == 1_000 && distribution.maximum == 1_000 && distribution.mean == 500.5)
        for share in [0.01, 0.1, 0.5, 0.9, 0.99] {
            let exact = Int(share * 1_000)
            #expect((exact...2 * exact).contains(distribution.percentile(share)), "\(share)")
        }
        #expect(distribution.percentile(1) == 1_000)
    }

    @Test("a timeline gives its elements by their moments")
    func timeline() {
        var timeline = Timeline<Int>()
        let moments = (0..<500).map { UInt64($0 * 7_919 % 500) }
        for moment in moments { timeline.insert(Int(moment), at: moment) }
        #expect(timeline.first == 0)
        var taken: [Int] = []
        while let next = timeline.popFirst(dueAt: 299) { taken.append(next) }
        #expect(taken == Array(0..<300))
        #expect(timeline.first == 300)
    }

    @Test("a queue gives its elements in their order")
    func queue() {
        var queue = FIFO<Int>()
        var next = 0
        for number in 0..<1_000 {
            queue.append(number)
            if number % 3 != 0 {
                #expect(queue.removeFirst() == next)
                next += 1
            }
        }
        #expect(queue.count == 1_000 - next)
    }
}
