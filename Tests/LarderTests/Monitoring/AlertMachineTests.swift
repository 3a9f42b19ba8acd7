import Foundation
import Testing

@testable import Larder

@Suite struct AlertMachineTests {
    private let rule: AlertRule = {
        var rule = AlertRule("errors", .loadErrorRatioAbove(0.1))
        rule.holdTime = .seconds(60)
        rule.quietTime = .seconds(30)
        rule.margin = 0.2
        return rule
    }()

    private func bad(_ value: Double = 0.5) -> AlertReading { AlertReading(value: value, limit: 0.1) }

    /// What a machine tells of readings ten seconds apart.
    private func told(
        _ readings: [AlertReading?],
        _ rule: AlertRule? = nil,
        silenced: Range<Int> = 0..<0
    ) -> [String] {
        var machine = AlertMachine(rule ?? self.rule, namespace: "users")
        return readings.enumerated()
            .compactMap { step, reading in
                let told = machine.take(
                    reading,
                    at: .seconds(10 * step),
                    Date(timeIntervalSince1970: Double(10 * step)),
                    isSilenced: silenced.contains(step)
                )
                return told.map { "\(step) \($0.state.rawValue)" }
            }
    }

    @Test(
        "a condition that holds is pending first, then it fires once, and is resolved once after all was well for a while"
    )
    func life() {
        var machine = AlertMachine(rule, namespace: nil)
        #expect(machine.alert == nil)
        let date = Date(timeIntervalSince1970: 7)
        #expect(machine.take(bad(), at: .zero, date, isSilenced: false) == nil)
        #expect(machine.alert?.state == .pending)
        #expect(machine.alert?.since == date)
        #expect(
            told(Array(repeating: bad(), count: 10) + Array(repeating: bad(0.01), count: 10)) == [
                "6 firing", "13 resolved",
            ]
        )
    }

    @Test("a condition that does not hold for long enough never fires")
    func flapping() {
        let readings = (0..<30).map { $0 % 5 == 4 ? bad(0) : bad() }
        #expect(told(readings).isEmpty)
    }

    @Test("a value that swings about the limit fires once, and is resolved only once it is well clear of it")
    func hysteresis() {
        let swinging = Array(repeating: bad(), count: 7) + (0..<30).map { bad($0 % 2 == 0 ? 0.09 : 0.11) }
        #expect(told(swinging) == ["6 firing"])
        #expect(told(swinging + Array(repeating: bad(0.08), count: 4)) == ["6 firing", "40 resolved"])
    }

    @Test("readings that tell nothing count as well, and an alert can fire again after it was resolved")
    func nothing() {
        let outage: [AlertReading?] = Array(repeating: bad(), count: 7) + Array(repeating: nil, count: 5)
        #expect(told(outage + outage) == ["6 firing", "10 resolved", "18 firing", "22 resolved"])
        #expect(told([bad(), nil, bad()] + Array(repeating: nil, count: 9)).isEmpty)
    }

    @Test("nobody is told during a silence; what still fires at its end is told then, what is over by then never")
    func silence() {
        let outage = Array(repeating: bad(), count: 20) + Array(repeating: bad(0), count: 5)
        #expect(told(outage, silenced: 0..<12) == ["12 firing", "23 resolved"])
        #expect(told(outage, silenced: 0..<25).isEmpty)
        #expect(told(outage, silenced: 10..<30) == ["6 firing"])
    }

    @Test("without hold and quiet times each change is told at once")
    func immediate() {
        var rule = rule
        rule.holdTime = .zero
        rule.quietTime = .zero
        #expect(told([bad(), bad(0), bad()], rule) == ["0 firing", "1 resolved", "2 firing"])
    }

    @Test("a floor is well above its limit by the margin, and at all where that is more than everything")
    func floors() {
        let floor = AlertReading(value: 0.82, limit: 0.8, isFloor: true)
        #expect(!floor.isBad)
        #expect(!floor.isWell(margin: 0.05))
        #expect(AlertReading(value: 0.85, limit: 0.8, isFloor: true).isWell(margin: 0.05))
        #expect(AlertReading(value: 1, limit: 0.99, isFloor: true).isWell(margin: 0.05))
    }
}
