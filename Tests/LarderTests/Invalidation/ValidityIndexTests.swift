import LarderTesting
import Testing

@testable import Larder

@Suite("ValidityIndex")
struct ValidityIndexTests {
    private var index = ValidityIndex(namespace: "n", keyPrefix: StoreKey("n:"))
    private let key = StoreKey("n:note:7")

    init() {
        index.apply(LogBatch(records: [], position: at(0), isAfterGap: true))
    }

    @Test("an index that was told nothing of the log calls every entry invalid once it is")
    func beginning() {
        var index = ValidityIndex(namespace: "n", keyPrefix: StoreKey("n:"))
        let early = index.now
        #expect(index.position == nil && index.position(of: early) == nil)
        index.apply(LogBatch(records: [], position: at(500), isAfterGap: true))
        #expect(early < index.newestLazy)
        #expect(index.validity(ofEntryFrom: early, key: key) == .hardInvalid)
        #expect(index.isTouched(key, since: early))
        #expect(index.validity(ofEntryFrom: index.now, key: key) == .valid)
        #expect(index.position(of: index.now) == at(500))
    }

    @Test(
        "a record touches the entries that it names, and no other",
        arguments: [
            (.tags(["author:7"]), true), (.tags(["author:8", "b"]), false), (.tags(["x", "b", "author:7"]), true),
            (.everything, true), (.pattern("note:*"), true), (.pattern("note:7"), true), (.pattern("*"), true),
            (.pattern("note:[0-6]"), false), (.pattern("notes:*"), false), (.pattern("n:*"), false),
            (.keys([StoreKey("n:note:7")]), true), (.keys([StoreKey("note:7")]), false),
        ] as [(InvalidationRecord.Target, Bool)]
    )
    mutating func targets(target: InvalidationRecord.Target, isTouched: Bool) {
        for isSoft in [false, true] {
            let before = index.now
            append(InvalidationRecord(target, in: "other", isSoft: isSoft))
            #expect(index.validity(ofEntryFrom: before, key: key, tags: ["author:7"]) == .valid)
            append(InvalidationRecord(target, in: "n", isSoft: isSoft))
            let expected: Validity = !isTouched ? .valid : isSoft ? .softInvalid : .hardInvalid
            #expect(index.validity(ofEntryFrom: before, key: key, tags: ["author:7"]) == expected)
            #expect(index.isTouched(key, tags: ["author:7"], since: before) == isTouched)
            #expect(index.validity(ofEntryFrom: index.now, key: key, tags: ["author:7"]) == .valid)
            #expect(!index.isTouched(key, tags: ["author:7"], since: index.now))
        }
    }

    @Test("only lazy records make entries worth a second look")
    mutating func newestLazy() {
        let before = index.newestLazy
        append(InvalidationRecord(.keys([key]), in: "n"))
        append(InvalidationRecord(.tags(["a"]), in: "other"))
        #expect(index.newestLazy == before)
        append(InvalidationRecord(.keys([key]), in: "n", isSoft: true))
        #expect(index.newestLazy == index.now)
    }

    @Test("a hard invalidation stays hard after a soft one")
    mutating func hardThenSoft() {
        let before = index.now
        append(InvalidationRecord(.tags(["a"]), in: "n"))
        let between = index.now
        append(InvalidationRecord(.tags(["a"]), in: "n", isSoft: true))
        #expect(index.validity(ofEntryFrom: before, key: key, tags: ["a"]) == .hardInvalid)
        #expect(index.validity(ofEntryFrom: between, key: key, tags: ["a"]) == .softInvalid)
    }

    @Test("another epoch makes all entries invalid, and its marks are larger than all before")
    mutating func epochs() {
        for _ in 0..<10 { append(InvalidationRecord(.tags(["a"]), in: "n")) }
        let old = index.now
        for (epoch, offset) in [(2, 3), (3, 1_000), (4, 0)] as [(UInt64, UInt64)] {
            let position = LogPosition(epoch: epoch, offset: offset)
            index.apply(LogBatch(records: [], position: position, isAfterGap: true))
            #expect(index.now > old && index.newestLazy > old)
            #expect(index.validity(ofEntryFrom: old, key: key) == .hardInvalid)
            #expect(index.isTouched(key, since: old))
            #expect(index.position(of: old) == nil)
            #expect(index.mark(of: at(10)) == .oldest)
            #expect(index.mark(of: position) == index.now)
            #expect(index.validity(ofEntryFrom: index.now, key: key) == .valid)
            #expect(index.position == position)
        }
    }

    @Test("a gap within an epoch makes the entries before it invalid, and leaves those behind it")
    mutating func gap() {
        let early = index.now
        index.apply([InvalidationRecord(.tags(["a"]), in: "n")], endingAt: at(90))
        let late = index.mark(of: at(80))
        index.apply(LogBatch(records: [], position: at(50), isAfterGap: true))
        #expect(index.validity(ofEntryFrom: early, key: key) == .hardInvalid)
        #expect(index.validity(ofEntryFrom: late, key: key) == .valid)
        #expect(index.validity(ofEntryFrom: late, key: key, tags: ["a"]) == .hardInvalid)
        #expect(index.position == at(50))
    }

    @Test("a node's own records count before the log hands them out, and again change nothing")
    mutating func ownRecords() {
        let before = index.now
        let records = ["a", "b"].map { InvalidationRecord(.tags([$0]), in: "n") }
        index.apply(records, endingAt: at(7))
        #expect(index.validity(ofEntryFrom: before, key: key, tags: ["a"]) == .hardInvalid)
        #expect(index.validity(ofEntryFrom: index.mark(of: at(6)), key: key, tags: ["a"]) == .valid)
        #expect(index.validity(ofEntryFrom: index.mark(of: at(6)), key: key, tags: ["b"]) == .hardInvalid)
        // The log has not told of the records in between, but what is loaded now is newer than they are.
        #expect(index.position == at(0) && index.now == index.mark(of: at(7)))
        let now = index.now
        index.apply(
            LogBatch(
                records: [LoggedInvalidation(records[0], at: 6), LoggedInvalidation(records[1], at: 7)],
                position: at(7)
            )
        )
        #expect(index.now == now && index.position == at(7))
        #expect(index.validity(ofEntryFrom: now, key: key, tags: ["a", "b"]) == .valid)
    }

    @Test("records of an append to a log that was replaced make all entries invalid")
    mutating func ownRecordsInAnotherEpoch() {
        let before = index.now
        index.apply([InvalidationRecord(.tags(["a"]), in: "n")], endingAt: LogPosition(epoch: 9, offset: 1))
        #expect(index.validity(ofEntryFrom: before, key: key) == .hardInvalid)
    }

    private mutating func append(_ record: InvalidationRecord) {
        let offset = (index.position?.offset ?? 0) + 1
        index.apply(LogBatch(records: [LoggedInvalidation(record, at: offset)], position: at(offset)))
    }

    private func at(_ offset: UInt64) -> LogPosition { LogPosition(epoch: 1, offset: offset) }
}

extension InvalidationRecord.Target {
    static func pattern(_ text: String) -> Self {
        (try? KeyPattern(text)).map { .pattern($0) } ?? .keys([])
    }
}
