import LarderTesting
import Testing

@testable import Larder

@Suite("ValidityIndex and a model that remembers everything")
struct ValidityIndexModelTests {
    @Test("with room for everything the index says what the model says")
    func exact() {
        for _ in 0..<40 { compare(ValidityIndex.Limits(), isExact: true) }
    }

    @Test("with room for little the index never calls an entry valid that the model calls invalid")
    func bounded() {
        var limits = ValidityIndex.Limits()
        limits.tags = 3
        limits.names = 2
        limits.patterns = 1
        limits.recentKeys = 2
        for _ in 0..<40 { compare(limits, isExact: false) }
    }

    private func compare(_ limits: ValidityIndex.Limits, isExact: Bool) {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix64(seed: seed)
        var index = ValidityIndex(namespace: "n", keyPrefix: StoreKey("n/"), limits: limits)
        var model = Model()
        index.apply(LogBatch(records: [], position: model.end, isAfterGap: true))
        var stamps = [index.now]
        var kept = 0
        for _ in 0..<120 {
            let gap = Int.random(in: 0..<40, using: &random)
            if gap == 0 {
                model.restart()
                index.apply(LogBatch(records: [], position: model.end, isAfterGap: true))
            }
            let records = (0..<Int.random(in: 1...3, using: &random)).map { _ in random.record() }
            let batch = model.append(records)
            // Some records are the node's own, and applied before the batch.
            if gap == 1 { index.apply(records, endingAt: batch.position) }
            index.apply(batch)
            stamps.append(index.now)
            let number = Int.random(in: max(0, stamps.count - 6)..<stamps.count, using: &random)
            for key in Random.keys {
                let tags = random.tags()
                let expected = model.validity(since: number, key, tags)
                let judged = index.validity(ofEntryFrom: stamps[number], key: key, tags: tags)
                let isFenced = index.isTouched(key, tags: tags, since: stamps[number])
                let comment: Comment = "\(key) \(tags) since \(number); the seed is \(seed)"
                if isExact {
                    #expect(judged == expected, comment)
                    #expect(isFenced == (expected != .valid), comment)
                } else {
                    #expect(isFenced || expected == .valid, comment)
                    // Keys are removed from memory at once: their records need not be remembered for entries.
                    #expect(judged >= model.validity(since: number, key, tags, countsHardKeys: false), comment)
                }
                // What the hit path relies on; keys are removed from memory at once.
                if stamps[number] >= index.newestLazy {
                    #expect(model.validity(since: number, key, tags, countsHardKeys: false) == .valid, comment)
                }
                if judged == .valid { kept += 1 }
            }
        }
        #expect(kept > 50, "The index calls almost everything invalid; the seed is \(seed).")
    }
}

/// All records since the beginning; `step` counts how often a stamp was taken.
private struct Model {
    private var log: [(step: Int, record: InvalidationRecord?)] = []
    private var epoch: UInt64 = 1
    private var offset: UInt64 = 0
    private var step = 0

    var end: LogPosition { LogPosition(epoch: epoch, offset: offset) }

    mutating func restart() {
        epoch += 1
        offset = offset % 7
        log.append((step, nil))
    }

    mutating func append(_ records: [InvalidationRecord]) -> LogBatch {
        let logged = records.map { record in
            offset += 1
            log.append((step, record))
            return LoggedInvalidation(record, at: offset)
        }
        step += 1
        return LogBatch(records: logged, position: end)
    }

    func validity(since stamp: Int, _ key: StoreKey, _ tags: [String], countsHardKeys: Bool = true) -> Validity {
        var validity = Validity.valid
        for (step, record) in log where step >= stamp {
            guard let record else { return .hardInvalid }
            let isTouched =
                switch record.target {
                case .keys(let keys): keys.contains(key) && (countsHardKeys || record.isSoft)
                case .tags(let touched): !Set(touched).isDisjoint(with: tags)
                case .pattern(let pattern): pattern.matches(key.bytes.dropFirst(2))
                case .everything: true
                }
            if isTouched, record.namespace == "n" {
                validity = max(validity, record.isSoft ? .softInvalid : .hardInvalid)
            }
        }
        return validity
    }
}

private enum Random {
    static let keys = ["a:1", "a:2", "b:1:x", "b:1:y", "c"].map { StoreKey("n/" + $0) }
    static let tags = ["s", "t", "u", "v", "w"]
    static let patterns = ["a:*", "b:1:*", "b:*", "?:1*", "a:1", "[bc]", "*y"].compactMap { try? KeyPattern($0) }
}

extension SplitMix64 {
    fileprivate mutating func tags() -> [String] {
        Random.tags.filter { _ in Int.random(in: 0..<4, using: &self) == 0 }
    }

    fileprivate mutating func record() -> InvalidationRecord {
        let target: InvalidationRecord.Target =
            switch Int.random(in: 0..<20, using: &self) {
            case 0: .everything
            case 1...6: .tags(tags())
            case 7...12: .keys([Random.keys.randomElement(using: &self) ?? StoreKey("")])
            default: .pattern(Random.patterns[Int.random(in: 0..<Random.patterns.count, using: &self)])
            }
        let namespace = Int.random(in: 0..<3, using: &self) == 0 ? "other" : "n"
        return InvalidationRecord(target, in: namespace, isSoft: Bool.random(using: &self))
    }
}
