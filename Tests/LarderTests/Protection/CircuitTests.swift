import Testing

@testable import Larder

@Suite struct CircuitTests {
    private static let second: UInt64 = 1_000_000_000

    /// A circuit with its clock, and with a jitter that the test chooses.
    private final class Bench {
        var circuit: Circuit
        var now: UInt64 = 1_000 * CircuitTests.second
        var random = 0.0

        init(_ change: (inout CircuitBreaker.Configuration) -> Void = { _ in }) {
            var configuration = CircuitBreaker.Configuration(minimumCalls: 4)
            change(&configuration)
            circuit = Circuit(configuration)
        }

        func begin() -> Circuit.Token? {
            if case .admitted(let token) = circuit.admit(now: now, random: random) { token } else { nil }
        }

        func end(_ token: Circuit.Token, _ outcome: CircuitBreaker.Outcome, after duration: Duration = .zero) {
            circuit.record(token, outcome, duration: duration, now: now, random: random)
        }

        /// Makes a call, and tells whether it was let through.
        @discardableResult
        func call(_ outcome: CircuitBreaker.Outcome, after duration: Duration = .zero) -> Bool {
            guard let token = begin() else { return false }
            end(token, outcome, after: duration)
            return true
        }

        func advance(_ seconds: Double) { now += UInt64(seconds * 1e9) }

        /// Makes calls fail until the circuit opens.
        func trip() {
            while circuit.state == .closed { call(.failure) }
        }
    }

    @Test("opens when the share of failures is reached, and not before there are enough calls")
    func failures() {
        var bench = Bench()
        for _ in 0..<3 { bench.call(.failure) }
        #expect(bench.circuit.state == .closed)
        bench.call(.failure)
        #expect(bench.circuit.state == .open)

        bench = Bench()
        for _ in 0..<50 {
            bench.call(.success)
            bench.call(.success)
            bench.call(.failure)
        }
        #expect(bench.circuit.state == .closed)
        for _ in 0..<50 { bench.call(.failure) }
        #expect(bench.circuit.state == .open)
    }

    @Test("a success that brings the number of calls to the minimum opens the circuit if the others failed")
    func lateSuccess() {
        let bench = Bench()
        for _ in 0..<3 { bench.call(.failure) }
        bench.call(.success)
        #expect(bench.circuit.state == .open)
    }

    @Test("calls leave the window when they are older than it")
    func window() {
        let bench = Bench()
        for _ in 0..<3 { bench.call(.failure) }
        bench.advance(9)
        #expect(bench.circuit.tally(now: bench.now).calls == 3)
        bench.advance(1)
        #expect(bench.circuit.tally(now: bench.now).calls == 0)
        for _ in 0..<3 { bench.call(.failure) }
        #expect(bench.circuit.state == .closed)
        #expect(bench.circuit.tally(now: bench.now) == .init(calls: 3, failures: 3))
    }

    @Test("a call that read the clock before another counts in the same window")
    func unorderedClock() {
        var window = CallWindow(length: .seconds(10), buckets: 10)
        let base = 1_000 * Self.second
        window.count(isFailure: false, isSlow: false, now: base)
        window.count(isFailure: true, isSlow: true, now: base - 1)
        #expect(window.tally(now: base - 1) == .init(calls: 2, failures: 1, slowCalls: 1))
        #expect(window.tally(now: base + 9 * Self.second).calls == 2)
        #expect(window.tally(now: base + 10 * Self.second).calls == 0)
    }

    @Test("opens when the share of slow calls is reached, although all succeed")
    func slowCalls() {
        var bench = Bench()
        for index in 0..<5 { bench.call(.success, after: index == 0 ? .milliseconds(1_999) : .seconds(2)) }
        #expect(bench.circuit.state == .open)

        bench = Bench { $0.slowRatio = 1 }
        for index in 0..<50 { bench.call(.success, after: index == 0 ? .zero : .seconds(2)) }
        #expect(bench.circuit.state == .closed)
    }

    @Test("a cancelled call counts for nothing, unless it was slow until then")
    func cancellation() {
        let bench = Bench()
        for _ in 0..<50 { bench.call(.cancelled, after: .milliseconds(1_999)) }
        #expect(bench.circuit.tally(now: bench.now).calls == 0)
        for _ in 0..<4 { bench.call(.cancelled, after: .seconds(2)) }
        #expect(bench.circuit.state == .open)
    }

    @Test("an open circuit refuses calls until its time is over, and says until when")
    func refusal() {
        let bench = Bench()
        bench.random = 0.5
        bench.trip()
        let until = bench.now + 5_500_000_000
        #expect(bench.circuit.admit(now: bench.now, random: 0) == .refused(until: until))
        #expect(bench.circuit.admit(now: until - 1, random: 0) == .refused(until: until))
        #expect(bench.circuit.refusals == 2)
        bench.now = until
        #expect(bench.begin() != nil)
        #expect(bench.circuit.state == .halfOpen)
    }

    @Test("a half-open circuit lets as many calls through as it has probes, and closes when all succeed")
    func probes() {
        let bench = Bench()
        bench.trip()
        bench.advance(5)
        let tokens = (0..<3).compactMap { _ in bench.begin() }
        #expect(tokens.count == 3)
        #expect(bench.begin() == nil)
        bench.end(tokens[0], .success)
        bench.end(tokens[0], .success)
        #expect(bench.begin() == nil)
        bench.end(tokens[1], .success)
        #expect(bench.circuit.state == .halfOpen)
        bench.end(tokens[2], .success)
        #expect(bench.circuit.state == .closed)
        #expect(bench.circuit.tally(now: bench.now).calls == 0)
    }

    @Test("one probe that fails opens the circuit again, and the others do not count any more")
    func failedProbe() throws {
        let bench = Bench()
        bench.trip()
        bench.advance(5)
        let first = try #require(bench.begin())
        let second = try #require(bench.begin())
        bench.end(first, .failure)
        #expect(bench.circuit.state == .open)
        bench.end(second, .success)
        bench.advance(10)
        #expect(bench.begin() != nil)
        bench.end(second, .failure)
        #expect(bench.circuit.state == .halfOpen)
        #expect(bench.circuit.openings == 2)
    }

    @Test("probes that succeed but are slow open the circuit again")
    func slowProbes() {
        let bench = Bench()
        bench.trip()
        bench.advance(5)
        for _ in 0..<3 { bench.call(.success, after: .seconds(2)) }
        #expect(bench.circuit.state == .open)
    }

    @Test("a probe that is cancelled leaves its place to another")
    func cancelledProbe() {
        let bench = Bench { $0.probes = 1 }
        bench.trip()
        bench.advance(5)
        for _ in 0..<10 { #expect(bench.call(.cancelled)) }
        #expect(bench.circuit.state == .halfOpen)
        #expect(bench.call(.success))
        #expect(bench.circuit.state == .closed)
    }

    @Test("a probe that never reports is given up after its time, and opens the circuit again")
    func lostProbe() throws {
        let bench = Bench { $0.probes = 1 }
        bench.trip()
        bench.advance(5)
        let lost = try #require(bench.begin())
        let end = bench.now + 30 * Self.second
        #expect(bench.circuit.admit(now: bench.now, random: 0) == .refused(until: end))
        bench.advance(30)
        #expect(bench.begin() == nil)
        #expect(bench.circuit.state == .open)
        bench.advance(10)
        #expect(bench.begin() != nil)
        bench.end(lost, .success)
        #expect(bench.circuit.state == .halfOpen)
    }

    @Test("calls from before the circuit opened count neither while it is half open nor after it closed")
    func lateResults() throws {
        let bench = Bench { $0.probes = 1 }
        let late = (0..<20).compactMap { _ in bench.begin() }
        bench.trip()
        bench.advance(5)
        let probe = try #require(bench.begin())
        for token in late.prefix(10) { bench.end(token, .failure) }
        #expect(bench.circuit.state == .halfOpen)
        bench.end(probe, .success)
        for token in late.suffix(10) { bench.end(token, .failure) }
        #expect(bench.circuit.state == .closed)
        #expect(bench.circuit.tally(now: bench.now).calls == 0)
    }

    @Test("stays open longer each time, up to the maximum, until it has been closed for a whole window")
    func growth() {
        let bench = Bench { $0.probes = 1 }
        bench.trip()
        for seconds in [5, 10, 20, 40, 60, 60] {
            bench.advance(Double(seconds) - 0.001)
            #expect(bench.begin() == nil, "open for \(seconds) s")
            bench.advance(0.001)
            #expect(bench.call(.failure), "a probe after \(seconds) s")
        }
        bench.advance(60)
        bench.call(.success)
        bench.advance(9)
        bench.trip()
        bench.advance(59)
        #expect(bench.begin() == nil)
        bench.advance(1)
        bench.call(.success)
        bench.advance(10)
        bench.trip()
        bench.advance(5)
        #expect(bench.begin() != nil)
    }
}
