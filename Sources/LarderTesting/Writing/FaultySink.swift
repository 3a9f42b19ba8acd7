public import Larder
import MemoryCache

/// A sink that fails on purpose, before another one that does the work.
///
/// ```swift
/// let sink = FaultySink(RecordingSink<Int, String>())
/// sink.fail(.probability(0.3))
/// sink.fail(.next(1), .afterEffect)
/// ```
public final class FaultySink<Sink: WriteSink>: WriteSink, CustomStringConvertible {
    /// The number that all chances come from.
    public let seed: UInt64

    /// The sink that does the work.
    public let wrapped: Sink

    /// The seed, to be printed by tests.
    public var description: String { "FaultySink(seed: \(seed))" }

    private let clock: any Clock<Duration>
    private let script: Locked<FaultScript>
    private let gate = FaultGate()

    /// Makes a sink without any faults yet.
    ///
    /// - Parameters:
    ///   - wrapped: The sink that does the work.
    ///   - clock: The clock that delays sleep by.
    ///   - seed: The number that all chances come from.
    public init(
        _ wrapped: Sink,
        clock: any Clock<Duration> = ContinuousClock(),
        seed: UInt64 = .random(in: 0...UInt64.max)
    ) {
        self.wrapped = wrapped
        self.clock = clock
        self.seed = seed
        script = Locked(FaultScript(seed: seed))
    }

    /// Makes calls throw.
    ///
    /// - Parameters:
    ///   - occurrence: How often.
    ///   - moment: Whether the calls take effect all the same.
    ///   - error: What they throw.
    public func fail(
        _ occurrence: FaultyStore.Occurrence,
        _ moment: FaultyStore.Moment = .beforeEffect,
        with error: any Error = FaultyStore.InjectedFailure()
    ) {
        script.withLock { $0.add(.failure(error, moment), occurrence, of: .write) }
    }

    /// Makes calls wait by the clock before they do anything, even if their caller has given them up.
    ///
    /// - Parameters:
    ///   - occurrence: How often.
    ///   - delay: How long, more than zero.
    public func delay(_ occurrence: FaultyStore.Occurrence, by delay: Duration) {
        script.withLock { $0.add(.delay(delay), occurrence, of: .write) }
    }

    /// Makes calls hang until they are released.
    ///
    /// - Parameter heedsCancellation: Whether a hanging call throws when it is given up.
    public func hang(heedsCancellation: Bool = true) {
        gate.close(.write, heedsCancellation: heedsCancellation)
    }

    /// Lets calls go on that hang, and lets no more calls hang.
    public func release() {
        gate.open(.write)
    }

    /// Waits until calls hang.
    ///
    /// - Parameter count: How many calls have to hang at the same time.
    public func waitUntilHanging(_ count: Int = 1) async {
        await gate.waitUntilHolding(count)
    }

    /// Forgets all instructions and releases all calls that hang.
    public func heal() {
        script.withLock { $0.removeAll() }
        release()
    }

    /// Hands the writes on, unless a fault strikes.
    public func write(_ writes: [SinkWrite<Sink.Key, Sink.Value>]) async throws -> [SinkResult] {
        let plan = script.withLock { $0.plan(for: .write) }
        try await gate.pass(.write)
        if plan.delay > .zero {
            let clock = clock
            await Task { try? await clock.sleep(for: plan.delay) }.value
        }
        if let error = plan.errorBefore { throw error }
        let results = try await wrapped.write(writes)
        if let error = plan.errorAfter { throw error }
        return results
    }
}
