import Larder
import LarderTesting
import Testing

@Suite(.timeLimit(.minutes(10))) struct CircuitBreakerTests {
    private struct Down: Error {}
    private struct Refused: Error {}

    private let clock = ManualClock()
    private let breaker: CircuitBreaker

    init() throws {
        let configuration = CircuitBreaker.Configuration(minimumCalls: 4, jitter: 0, probes: 1)
        breaker = try CircuitBreaker("origin", configuration: configuration, clock: clock) { !($0 is Refused) }
    }

    private func fail(_ count: Int) async {
        for _ in 0..<count { try? await breaker.run { throw Down() } }
    }

    @Test("passes on what the operation returns and throws")
    func passing() async throws {
        #expect(try await breaker.run { 1 } == 1)
        await #expect(throws: Down.self) { try await breaker.run { throw Down() } }
        #expect(breaker.statistics.recentCalls == 2)
        #expect(breaker.statistics.recentFailures == 1)
    }

    @Test("an open breaker does not run the operation, and its error says who, why and how long")
    func refusal() async throws {
        await fail(4)
        #expect(breaker.state == .open)
        let calls = Counter()
        let error = await #expect(throws: CacheError.self) { try await breaker.run { calls.add() } }
        #expect(error?.code == .originUnavailable)
        #expect(error?.message.contains("\"origin\"") == true)
        #expect(error?.message.contains("5.0 seconds") == true)
        #expect(calls.value == 0)
        #expect(breaker.statistics.refusals == 1)
        #expect(breaker.statistics.openings == 1)
        clock.advance(by: .seconds(5))
        _ = try await breaker.run { calls.add() }
        #expect(calls.value == 1)
        #expect(breaker.state == .closed)
    }

    @Test("errors that are not the origin's fault are answers")
    func harmlessErrors() async throws {
        for _ in 0..<10 { try? await breaker.run { throw Refused() } }
        #expect(breaker.state == .closed)
        #expect(breaker.statistics.recentCalls == 10)
        #expect(breaker.statistics.recentFailures == 0)
    }

    @Test("a caller who is cancelled counts at once, and only if the call was slow until then")
    func cancellation() async throws {
        for (duration, calls) in [(Duration.milliseconds(1_999), 0), (.seconds(2), 1)] {
            let latch = Latch()
            let task = Task { try await breaker.run { await latch.waitUncancellably() } }
            await latch.waitForArrivals()
            clock.advance(by: duration)
            task.cancel()
            #expect(breaker.statistics.recentSlowCalls == calls)
            latch.open()
            try await task.value
            #expect(breaker.statistics.recentCalls == calls)
            #expect(breaker.statistics.recentFailures == 0)
        }
    }

    @Test("an origin that hangs opens the breaker although all of its callers give up")
    func hangingOrigin() async throws {
        let latch = Latch()
        let tasks = (0..<4).map { _ in Task { try await breaker.run { try await latch.wait() } } }
        await latch.waitForArrivals(4)
        clock.advance(by: .seconds(2))
        for task in tasks { task.cancel() }
        #expect(breaker.state == .open)
    }

    @Test("a call that is ended by hand counts once")
    func callByHand() throws {
        let call = try breaker.begin()
        call.end(.failure)
        call.end(.failure)
        #expect(breaker.statistics.recentCalls == 1)
    }

    @Test("a probe that is dropped without an end leaves its place to another")
    func droppedCall() async throws {
        await fail(4)
        clock.advance(by: .seconds(5))
        for _ in 0..<3 { _ = try breaker.begin() }
        #expect(breaker.state == .halfOpen)
        try breaker.begin().end(.success)
        #expect(breaker.state == .closed)
    }

    @Test("settings out of their ranges are refused")
    func validation() {
        let changes: [(inout CircuitBreaker.Configuration) -> Void] = [
            { $0.window = .zero }, { $0.window = .seconds(86_401) }, { $0.buckets = 0 }, { $0.buckets = 1_001 },
            { $0.minimumCalls = 0 }, { $0.failureRatio = 0 }, { $0.failureRatio = 1.1 }, { $0.failureRatio = .nan },
            { $0.slowRatio = 0 }, { $0.slowRatio = .infinity }, { $0.slowCall = .zero }, { $0.openDuration = .zero },
            { $0.maximumOpenDuration = .seconds(4) }, { $0.growth = 0.9 }, { $0.growth = .nan }, { $0.jitter = -0.1 },
            { $0.jitter = 1.1 }, { $0.probes = 0 }, { $0.probeDeadline = .zero },
        ]
        for (index, change) in changes.enumerated() {
            var configuration = CircuitBreaker.Configuration()
            change(&configuration)
            let error = #expect(throws: CacheError.self, "change \(index)") {
                try CircuitBreaker("origin", configuration: configuration)
            }
            #expect(error?.code == .invalidConfiguration)
        }
        #expect(throws: Never.self) { try CircuitBreaker("origin") }
        #expect(throws: Never.self) { try CircuitBreaker("store", configuration: .store) }
    }
}
