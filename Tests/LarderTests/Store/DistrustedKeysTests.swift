import Testing

@testable import Larder

@Suite struct DistrustedKeysTests {
    private var distrusted = DistrustedKeys(limit: 3)
    private let a = StoreKey("a")
    private let b = StoreKey("b")

    @Test("a failed change puts its key in doubt until one succeeds")
    mutating func settling() {
        distrusted.insert([a])
        #expect(distrusted.contains(a))
        #expect(!distrusted.contains(b))
        distrusted.settle([a])
        #expect(!distrusted.contains(a))
    }

    @Test("a change that was given up keeps its key in doubt until a change succeeds that began after it had ended")
    mutating func lateChanges() {
        #expect(distrusted.begin([a]) == [a])
        distrusted.insert([a])
        let alone = distrusted.begin([a, b])
        #expect(alone == [b])
        distrusted.end([a, b])
        distrusted.end([a])
        distrusted.settle(alone)
        #expect(distrusted.contains(a), "nobody knows which of the two came last")
        #expect(distrusted.begin([a]) == [a])
        distrusted.end([a])
        distrusted.settle([a])
        #expect(!distrusted.contains(a))
    }

    @Test("removing everything does not settle a key whose change may still come")
    mutating func lateChangeAfterRemoval() {
        _ = distrusted.begin([a])
        distrusted.insert([a])
        distrusted.settleAll(since: distrusted.beginRemovingAll())
        #expect(distrusted.contains(a))
    }

    @Test("past the limit all keys are in doubt, until everything was removed")
    mutating func limit() {
        distrusted.insert([a, b, StoreKey("c"), StoreKey("d")])
        #expect(distrusted.contains(StoreKey("z")))
        distrusted.settle([a])
        #expect(distrusted.contains(a))
        let begin = distrusted.beginRemovingAll()
        distrusted.settleAll(since: begin)
        #expect(!distrusted.contains(a))
    }

    @Test("what came to be in doubt while everything was being removed stays in doubt")
    mutating func doubtDuringRemoval() {
        let begin = distrusted.beginRemovingAll()
        distrusted.insert([a])
        distrusted.settleAll(since: begin)
        #expect(distrusted.contains(a))
        distrusted.insertAll()
        distrusted.settleAll(since: begin)
        #expect(distrusted.contains(b))
    }
}
