import MemoryCache

/// A log in memory, for the caches of one process.
///
/// It ends with the process, and keeps the newest records alone: a reader who falls further behind is told of a gap.
public final class LocalInvalidationLog: InvalidationLog {
    private struct State {
        var ring: LogRing
        var waiters: [Int: Race<Void>] = [:]
        var nextWaiter = 0
        var isShutDown = false

        mutating func takeWaiters() -> [Race<Void>] {
            defer { waiters = [:] }
            return Array(waiters.values)
        }
    }

    private static let batchLimit = 1_000

    private let state: Locked<State>
    private let clock: CacheClock

    /// Makes an empty log.
    ///
    /// - Parameters:
    ///   - limit: How many records it keeps, at least 1.
    ///   - epoch: The epoch of its positions.
    ///   - clock: The clock by which readers wait.
    public init(
        limit: Int = 65_536,
        epoch: UInt64 = .random(in: 1...UInt64.max),
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        state = Locked(State(ring: LogRing(epoch: epoch, limit: max(limit, 1))))
        self.clock = CacheClock(clock)
    }

    /// The position behind the newest record.
    public var end: LogPosition { state.withLock { $0.ring.end } }

    /// Appends the records under a lock.
    public func append(_ records: [InvalidationRecord]) async throws -> LogPosition {
        for record in records { _ = try record.encodedSize() }
        let (position, waiters) = try state.withLock { state throws(CacheError) in
            guard !state.isShutDown else { throw Self.shutDown }
            for record in records { state.ring.append(record) }
            return (state.ring.end, state.takeWaiters())
        }
        for waiter in waiters { waiter.end(.success(())) }
        return position
    }

    /// Answers at once if it can, and else waits for an append.
    public func nextBatch(after position: LogPosition?, patience: Duration) async throws -> LogBatch {
        if let batch = try batch(after: position) { return batch }
        await waitForChange(after: position, atMost: patience)
        try Task.checkCancellation()
        if let batch = try batch(after: position) { return batch }
        return LogBatch(records: [], position: position ?? end)
    }

    /// Wakes the readers, whose calls throw.
    public func shutdown() async {
        let waiters = state.withLock { state in
            state.isShutDown = true
            return state.takeWaiters()
        }
        for waiter in waiters { waiter.end(.success(())) }
    }

    private static var shutDown: CacheError {
        CacheError(.logUnavailable, "The invalidation log was shut down. Make a new one.")
    }

    private func batch(after position: LogPosition?) throws(CacheError) -> LogBatch? {
        try state.withLock { state throws(CacheError) in
            guard !state.isShutDown else { throw Self.shutDown }
            return state.ring.batch(after: position, limit: Self.batchLimit)
        }
    }

    /// Waits until there may be something after a position, the patience is over, or the task is cancelled.
    private func waitForChange(after position: LogPosition?, atMost patience: Duration) async {
        let race = Race<Void>()
        let number: Int? = state.withLock { state in
            // Between the look before and this one something may have come.
            guard !state.isShutDown, state.ring.batch(after: position, limit: 1) == nil else { return nil }
            state.nextWaiter += 1
            state.waiters[state.nextWaiter] = race
            return state.nextWaiter
        }
        guard let number else { return }
        await race.wait(atMost: clock.alarm(after: patience))
        state.withLock { $0.waiters[number] = nil }
    }
}
