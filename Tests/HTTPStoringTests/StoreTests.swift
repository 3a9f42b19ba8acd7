import HTTPCaching
import MemoryCache
import Testing

@testable import HTTPStoring

@Suite("Purges in their order")
struct PurgeLedgerTests {
    @Test("what is older than a purge that touches it is gone or stale, what is newer holds")
    func order() {
        var ledger = PurgeLedger()
        ledger.purge(["a"], isSoft: false)
        ledger.purge(["b"], isSoft: true)
        #expect(ledger.verdict(on: ["a"], since: 0) == .gone)
        #expect(ledger.verdict(on: ["a"], since: 1) == .holds)
        #expect(ledger.verdict(on: ["b"], since: 1) == .stale)
        #expect(ledger.verdict(on: ["a", "b"], since: 0) == .gone)
        #expect(ledger.verdict(on: ["b"], since: 2) == .holds)
        ledger.purgeAll()
        #expect(ledger.verdict(on: [String](), since: 2) == .gone)
        #expect(ledger.verdict(on: ["a"], since: ledger.newest) == .holds)
    }

    @Test("a ledger that is full forgets by distrusting all that is older")
    func bounded() {
        var ledger = PurgeLedger(limit: 10)
        for number in 0..<11 { ledger.purge(["\(number)"], isSoft: false) }
        #expect(ledger.verdict(on: ["other"], since: 10) == .gone)
        #expect(ledger.verdict(on: ["10"], since: ledger.newest) == .holds)
    }
}

@Suite("Who fetches for others")
struct FlightBoardTests {
    private let key = ResourceKey(scheme: "http", authority: "a", path: "/")

    @Test("the first leads, others wait until it lands, and what is for one alone is remembered for a while")
    func turns() {
        let board = FlightBoard()
        #expect(isLead(board.join(key, now: .zero) { _ in }))
        #expect(isWait(board.join(key, now: .zero) { _ in }))
        board.land(key, .stored, now: .zero)
        #expect(isLead(board.join(key, now: .zero) { _ in }))
        board.land(key, .unshared, now: .zero)
        #expect(isAlone(board.join(key, now: .seconds(1)) { _ in }))
        #expect(isLead(board.join(key, now: .seconds(60)) { _ in }))
    }

    @Test(
        "those who waited may wait again if there may be an answer for them, and not for an origin that fails",
        arguments: [
            (FlightBoard.Landing.stored, true), (.abandoned, true), (.failed, false), (.unshared, false),
        ]
    )
    func landings(_ landing: FlightBoard.Landing, _ mayWait: Bool) {
        let board = FlightBoard()
        let told = Locked<[Bool]>([])
        _ = board.joinSilently(key, now: .zero)
        for _ in 0..<2 { _ = board.join(key, now: .zero) { mayWait in told.withLock { $0.append(mayWait) } } }
        board.land(key, landing, now: .zero)
        #expect(told.withLock { $0 } == [mayWait, mayWait])
        let isUnshared = landing == .unshared
        #expect(isAlone(board.join(key, now: .zero) { _ in }) == isUnshared)
    }

    private func isLead(_ turn: FlightBoard.Turn) -> Bool { if case .lead = turn { true } else { false } }
    private func isWait(_ turn: FlightBoard.Turn) -> Bool { if case .wait = turn { true } else { false } }
    private func isAlone(_ turn: FlightBoard.Turn) -> Bool { if case .alone = turn { true } else { false } }
}
