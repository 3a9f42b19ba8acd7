import LarderTesting
import Testing

@Suite("InvalidationHistory")
struct InvalidationHistoryTests {
    private static let second: Int64 = 1_000_000_000

    private func verdict(_ events: [InvalidationHistory.Event]) -> InvalidationHistory.Verdict {
        var history = InvalidationHistory()
        history.append(contentsOf: events.shuffled())
        return history.verdict(bound: .seconds(1))
    }

    private func change(_ node: Int, _ version: Int, at seconds: Double) -> InvalidationHistory.Event {
        let end = Int64(seconds * Double(Self.second))
        return .init(.change, node: node, key: 3, version: version, start: end - 10, end: end)
    }

    private func read(_ node: Int, _ version: Int, at seconds: Double, key: Int = 3) -> InvalidationHistory.Event {
        let start = Int64(seconds * Double(Self.second))
        return .init(.read, node: node, key: key, version: version, start: start, end: start + 10)
    }

    @Test("a read on the node of a change has to see it at once")
    func sameNode() {
        let changes = [change(0, 1, at: 1), change(0, 2, at: 2)]
        #expect(verdict(changes + [read(0, 1, at: 1.9), read(0, 2, at: 2.1), read(0, 7, at: 2.1)]).staleReads == [])
        let stale = read(0, 1, at: 2.1)
        #expect(verdict(changes + [stale]).staleReads == [stale])
    }

    @Test("a read on another node has to see a change after the bound, and is late before")
    func otherNode() {
        let late = verdict([change(0, 1, at: 1), read(1, 0, at: 1.5), read(1, 0, at: 0.5), read(1, 1, at: 1.6)])
        #expect(late.staleReads == [])
        #expect(late.lags == [Self.second / 2])
        let stale = read(1, 0, at: 2.5)
        #expect(verdict([change(0, 1, at: 1), stale]).staleReads == [stale])
    }

    @Test("a change that returns after a newer one asks for no older version")
    func overtaken() {
        let stale = read(1, 1, at: 9)
        #expect(verdict([change(0, 2, at: 1), change(1, 1, at: 2), stale]).staleReads == [stale])
    }

    @Test("keys have nothing to do with each other, and a history of nothing is sound")
    func otherKey() {
        #expect(verdict([change(0, 1, at: 1), read(0, 0, at: 5, key: 4)]).staleReads == [])
        #expect(verdict([]).staleReads == [])
    }

    @Test("a complaint can be told with what happened around it")
    func words() {
        var history = InvalidationHistory()
        history.append(contentsOf: [change(0, 1, at: 1), read(1, 0, at: 3)])
        let text = history.description(of: 3, around: 3 * Self.second)
        #expect(
            text == """
                -2000000010 to -2000000000 ns: node 0, change of version 1
                0 to 10 ns: node 1, read of version 0
                """
        )
    }
}
