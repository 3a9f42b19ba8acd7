import NIOCore
import Testing

@testable import EdgeProxy

@Suite struct PatienceTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    @Test("messages move the deadline and set no timer, which looks when it fires")
    func messages() throws {
        var patience = Patience()
        let moment = patience.begin(.seconds(15), now: start)
        #expect(moment == start + .seconds(15))
        for second in 1...10 { #expect(patience.begin(.seconds(15), now: start + .seconds(Int64(second))) == nil) }
        guard case .setTimer(let next) = patience.timerFired(now: start + .seconds(15)) else {
            Issue.record("the timer has to go on")
            return
        }
        #expect(next == start + .seconds(25))
        guard case .giveUp = patience.timerFired(now: next) else {
            Issue.record("nothing has come for 15 seconds")
            return
        }
        #expect(patience.begin(.seconds(1), now: next) == next + .seconds(1), "a new timer")
    }

    @Test("a deadline before that of the timer sets it anew")
    func earlier() {
        var patience = Patience()
        #expect(patience.begin(.seconds(60), now: start) == start + .seconds(60))
        #expect(patience.begin(.seconds(15), now: start) == start + .seconds(15))
        #expect(patience.begin(.seconds(60), now: start) == nil)
    }

    @Test("once nothing is waited for, the timer fires in vain")
    func end() {
        var patience = Patience()
        _ = patience.begin(.seconds(15), now: start)
        patience.end()
        guard case .wait = patience.timerFired(now: start + .seconds(15)) else {
            Issue.record("nothing is waited for")
            return
        }
    }
}
