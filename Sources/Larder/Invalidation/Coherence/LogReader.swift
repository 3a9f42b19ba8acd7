import MemoryCache

/// Reads the log that processes share, for all namespaces of a system.
final class LogReader: Sendable {
    private struct State {
        var members: [Coherence] = []
        /// How far the members have been told.
        var position: LogPosition?
        var task: Task<Void, Never>?
    }

    private let log: any InvalidationLog
    private let clock: CacheClock
    private let failures: FailureLog
    private let state = Locked(State())

    /// How long a question to the log waits for records, so that its silence can be told from its end.
    private static var heartbeat: Duration { .seconds(1) }

    /// How long to wait after a failure.
    private static var pause: Duration { .milliseconds(200) }

    init(log: any InvalidationLog, clock: CacheClock, failures: FailureLog) {
        self.log = log
        self.clock = clock
        self.failures = failures
    }

    deinit {
        state.withLock { $0.task }?.cancel()
    }

    /// Tells a namespace all that the log still has, and from then on what comes.
    ///
    /// Returns when that is done, and tries until it is.
    func join(_ newcomer: Coherence) async {
        while !Task.isCancelled {
            do {
                if try await catchUp(newcomer) { return }
            } catch {
                failures.record("read the invalidation log", error, now: clock.now)
                try? await clock.sleep(Self.pause)
            }
        }
    }

    /// Asks for what comes next.
    ///
    /// - Returns: Whether the newcomer is where the others are, and one of them now.
    private func catchUp(_ newcomer: Coherence) async throws -> Bool {
        let asked = clock.now
        let batch = try await log.nextBatch(after: newcomer.position, patience: .zero)
        newcomer.apply(batch, askedAt: asked)
        guard batch.recordsBehind == 0, !batch.isAfterGap else { return false }
        return state.withLock { state in
            if let position = state.position, position.epoch == batch.position.epoch,
                position.offset > batch.position.offset
            {
                return false
            }
            state.members.append(newcomer)
            if state.position == nil { state.position = batch.position }
            if state.task == nil {
                state.task = Task.detached { [weak self, log, clock, failures] in
                    while !Task.isCancelled, let position = self?.state.withLock({ $0.position }) {
                        let asked = clock.now
                        do {
                            let batch = try await log.nextBatch(after: position, patience: Self.heartbeat)
                            self?.tell(batch, askedAt: asked)
                        } catch {
                            if Task.isCancelled { return }
                            failures.record("read the invalidation log", error, now: clock.now)
                            try? await clock.sleep(Self.pause)
                        }
                    }
                }
            }
            return true
        }
    }

    private func tell(_ batch: LogBatch, askedAt asked: UInt64) {
        let members = state.withLock { state in
            state.position = batch.position
            return state.members
        }
        for member in members { member.apply(batch, askedAt: asked) }
    }

    /// Stops reading.
    func stop() {
        state.withLock { $0.task }?.cancel()
    }
}
