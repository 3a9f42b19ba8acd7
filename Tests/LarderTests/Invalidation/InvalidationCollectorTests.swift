import LarderTesting
import Testing

@testable import Larder

@Suite("InvalidationCollector")
struct InvalidationCollectorTests {
    private var collector = InvalidationCollector(limit: 100)

    @Test("gives out what was gathered, the same once, and then nothing")
    mutating func taking() throws {
        let pattern = try KeyPattern("a*")
        for _ in 0..<3 {
            collector.collect(InvalidationRecord(.keys(["b", "a"].map { StoreKey($0) }), in: "n"))
            collector.collect(InvalidationRecord(.tags(["t"]), in: "n", isSoft: true))
            collector.collect(InvalidationRecord(.pattern(pattern), in: "m"))
        }
        #expect(
            collector.take() == [
                InvalidationRecord(.keys(["a", "b"].map { StoreKey($0) }), in: "n"),
                InvalidationRecord(.tags(["t"]), in: "n", isSoft: true),
                InvalidationRecord(.pattern(pattern), in: "m"),
            ]
        )
        #expect(collector.isEmpty && collector.take().isEmpty)
    }

    @Test("forgets everything after a rollback")
    mutating func dropping() {
        collector.collect(InvalidationRecord(.everything, in: "n"))
        collector.drop()
        #expect(collector.isEmpty && collector.take().isEmpty)
    }

    @Test("past its bound a namespace is invalidated as a whole, and as hard as was asked for")
    mutating func bound() {
        for number in 0...100 {
            collector.collect(InvalidationRecord(.tags(["\(number)"]), in: "n", isSoft: number < 50))
            collector.collect(InvalidationRecord(.keys([StoreKey("\(number)")]), in: "m"))
        }
        let records = collector.take()
        #expect(records.contains(InvalidationRecord(.everything, in: "m")))
        #expect(!records.contains { $0.target == .everything && $0.namespace == "n" })
        #expect(records.count == 3)
    }
}

@Suite("RepeatedInvalidations")
struct RepeatedInvalidationsTests {
    @Test("gives out each record once, when it is due")
    func dueTimes() {
        var repeated = RepeatedInvalidations()
        let records = (0..<4).map { InvalidationRecord(.tags(["\($0)"]), in: "n") }
        for (second, record) in records.enumerated() { repeated.add([record], due: .seconds(second)) }
        #expect(repeated.nextDue == .zero)
        #expect(repeated.take(at: .seconds(1)) == Array(records[0...1]))
        #expect(repeated.nextDue == .seconds(2) && repeated.pendingCount == 2)
        #expect(repeated.take(at: .milliseconds(1_999)).isEmpty)
        #expect(repeated.take(at: .seconds(9)) == Array(records[2...3]))
        #expect(repeated.nextDue == nil && repeated.pendingCount == 0)
    }

    @Test("what no longer fits becomes the whole namespace, late rather than early")
    func bound() {
        var repeated = RepeatedInvalidations(limit: 2)
        for second in 1...5 { repeated.add([InvalidationRecord(.tags(["\(second)"]), in: "n")], due: .seconds(second)) }
        #expect(repeated.pendingCount == 3)
        #expect(repeated.take(at: .seconds(4)).count == 2)
        #expect(repeated.nextDue == .seconds(5))
        #expect(repeated.take(at: .seconds(5)) == [InvalidationRecord(.everything, in: "n")])
    }
}
