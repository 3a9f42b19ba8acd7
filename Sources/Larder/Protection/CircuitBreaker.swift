import MemoryCache

/// Stops asking an origin or a store that fails or has become slow, and finds out when it is well again.
///
/// ```swift
/// let database = try CircuitBreaker("database")
/// let user = try await users.value(forKey: id) { id in
///     try await database.run { try await connection.user(id) }
/// }
/// ```
///
/// A breaker begins closed, and lets all calls through. When too large a share of the calls of the last seconds
/// failed or were slow, it opens: calls are refused at once, so that nobody waits for nothing and the origin has
/// time to recover. After a while it is half open: a few calls are let through as probes. If one of them fails, or
/// most are slow, it opens again, for longer; if all succeed it closes.
///
/// A call that its caller cancels is neither a success nor a failure. If it had been slow until then it counts as
/// slow, so that an origin that hangs opens the breaker although each of its callers gives up.
///
/// A call costs a lock held for some nanoseconds, twice.
public final class CircuitBreaker: Sendable {
    /// What a breaker does with calls.
    public enum State: String, Hashable, Sendable {
        /// Lets all through.
        case closed
        /// Refuses all.
        case open
        /// Lets a few through to find out.
        case halfOpen
    }

    /// How a call ended.
    public enum Outcome: Hashable, Sendable {
        /// The origin answered.
        case success
        /// The origin failed.
        case failure
        /// The caller did not wait for the end.
        case cancelled
    }

    /// The name in errors and statistics.
    public let name: String

    private let isFailure: @Sendable (any Error) -> Bool
    private let clock: CacheClock
    private let circuit: Locked<Circuit>

    /// Makes a closed breaker.
    ///
    /// - Parameters:
    ///   - name: What it stands before, for errors.
    ///   - configuration: When it opens, and how it comes to close again.
    ///   - clock: The clock of durations; `nil` for the system's monotonic clock.
    ///   - isFailure: Whether an error that a call throws is the fault of the origin; all are unless given. Errors that
    ///     are not, such as a refused argument, count as answers.
    /// - Throws: ``CacheError`` with the code `invalidConfiguration` that says which setting is out of its range.
    public convenience init(
        _ name: String,
        configuration: Configuration = .origin,
        clock: (any Clock<Duration>)? = nil,
        isFailure: @escaping @Sendable (any Error) -> Bool = { _ in true }
    ) throws(CacheError) {
        try self.init(name, configuration: configuration, cacheClock: CacheClock(clock), isFailure: isFailure)
    }

    init(
        _ name: String,
        configuration: Configuration,
        cacheClock: CacheClock,
        isFailure: @escaping @Sendable (any Error) -> Bool = { _ in true }
    ) throws(CacheError) {
        try configuration.validate()
        self.name = name
        self.isFailure = isFailure
        clock = cacheClock
        circuit = Locked(Circuit(configuration))
    }

    /// What the breaker does with calls now.
    ///
    /// It is `open` until the first call after the time to be open, and `halfOpen` from then on.
    public var state: State { circuit.withLock { $0.state } }

    /// What the breaker has done so far.
    public var statistics: Statistics {
        let now = clock.now
        return circuit.withLock { Statistics($0, now: now) }
    }

    /// Runs an operation if the breaker lets it, and counts how it ends.
    ///
    /// The operation runs in the caller's task.
    ///
    /// - Parameter operation: What asks the origin.
    /// - Returns: What the operation returns.
    /// - Throws: What the operation throws, or ``CacheError`` with the code `originUnavailable` if it was not run.
    public func run<Result>(_ operation: () async throws -> Result) async throws -> Result {
        try await run(begin(), operation)
    }

    /// Begins a call whose end is reported by hand, where ``run(_:)`` does not fit.
    ///
    /// - Returns: The call to end.
    /// - Throws: ``CacheError`` with the code `originUnavailable` if it may not begin.
    public func begin() throws(CacheError) -> Call {
        try begin(refusingWith: .originUnavailable)
    }
}

extension CircuitBreaker {
    /// Begins a call, or throws an error with a code.
    ///
    /// One that is not timed is never slow.
    func begin(refusingWith code: CacheError.Code, isTimed: Bool = true) throws(CacheError) -> Call {
        let now = clock.now
        switch circuit.withLock({ $0.admit(now: now, random: .random(in: 0...1)) }) {
        case .admitted(let token):
            return Call(breaker: self, token: token, start: isTimed ? now : nil)
        case .refused(let until):
            throw CacheError(
                code,
                """
                The breaker "\(name)" refuses calls because too many of them failed or were slow; \
                try again in \(Deadline.duration(until: until, from: now)).
                """
            )
        }
    }

    /// Runs an operation as a call that was begun.
    func run<Result>(_ call: Call, _ operation: () async throws -> Result) async throws -> Result {
        do {
            let result = try await withCancellationHandler {
                try await operation()
            } onCancel: {
                // At once, because the operation may take its time to notice.
                call.end(.cancelled)
            }
            call.end(.success)
            return result
        } catch {
            call.end(isFailure(error) ? .failure : .success)
            throw error
        }
    }

    func end(_ token: Circuit.Token, start: UInt64?, _ outcome: Outcome) {
        let now = clock.now
        let duration = start.map { Deadline.duration(until: now, from: $0) } ?? .zero
        circuit.withLock { $0.record(token, outcome, duration: duration, now: now, random: .random(in: 0...1)) }
    }
}
