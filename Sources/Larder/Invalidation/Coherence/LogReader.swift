import MemoryCache

/// Reads the log that processes share, for all namespaces of a system.
final class LogReader: Sendable {
    /// A namespace; the reader lives as long as one of them, and not the other way round.
    private struct Member: Sendable {
        weak let coherence: Coherence?
    }

    private struct State {
        var members: [Member] = []
        /// How far the members have been told.
        var position: LogPosition?
        var task: Task<Void, Never>?
        var isStopped = false
    }

    private let log: any InvalidationLog
    private let clock: CacheClock
    private let failures: FailureLog
    private let state = Locked(State())

    /// How long a question to the log waits for records, so that its silence can be told from its end.
    private let heartbeat: Duration

    /// How long to wait after a failure.
    private static var pause: Duration { .milliseconds(200) }

    init(log: any InvalidationLog, maximumSilence: Duration, clock: CacheClock, failures: FailureLog) {
        self.log = log
        self.clock = clock
        self.failures = failures
        heartbeat = min(.seconds(1), maximumSilence / 5)
    }

    deinit {
        state.withLock { $0.task }?.cancel()
    }

    /// Tells a namespace all that the log still has, and from then on what comes.
    ///
    /// Returns when that is done, and tries until it is or until the namespace is gone.
    func join(_ newcomer: @Sendable () -> Coherence?) async {
        while !Task.isCancelled, !state.withLock({ $0.isStopped }), newcomer() != nil {
            do {
                if try await catchUp(newcomer) { return }
            } catch {
                if Task.isCancelled { return }
                failures.record("read the invalidation log", error, now: clock.now)
                try? await clock.sleep(Self.pause)
            }
        }
    }

    /// Asks for what comes next.
    ///
    /// - Returns: Whether the newcomer is where the others are, and one of them now.
    private func catchUp(_ newcomer: () -> Coherence?) async throws -> Bool {
        let asked = clock.now
        let batch = try await log.nextBatch(after: newcomer()?.position, patience: .zero)
        guard let newcomer = newcomer() else { return true }
        newcomer.apply(batch, askedAt: asked)
        guard batch.recordsBehind == 0, !batch.isAfterGap else { return false }
        return state.withLock { state in
            if let position = state.position, position.epoch == batch.position.epoch,
                position.offset > batch.position.offset
            {
                return false
            }
            state.members.append(Member(coherence: newcomer))
            if state.position == nil { state.position = batch.position }
            if state.task == nil, !state.isStopped { state.task = startReading() }
            return true
        }
    }

    private func startReading() -> Task<Void, Never> {
        Task.detached { [weak self, log, clock, failures, heartbeat] in
            var patience = heartbeat
            while !Task.isCancelled, let position = self?.state.withLock({ $0.position }) {
                let asked = clock.now
                do {
                    let batch = try await log.nextBatch(after: position, patience: patience)
                    patience = heartbeat
                    self?.tell(batch, askedAt: asked)
                } catch {
                    if Task.isCancelled { return }
                    failures.record("read the invalidation log", error, now: clock.now)
                    try? await clock.sleep(Self.pause)
                    // The first answer after a failure ends the silence.
                    patience = .zero
                }
            }
        }
    }

    private func tell(_ batch: LogBatch, askedAt asked: UInt64) {
        let members = state.withLock { state in
            state.position = batch.position
            state.members.removeAll { $0.coherence == nil }
            return state.members
        }
        for member in members { member.coherence?.apply(batch, askedAt: asked) }
    }

    /// Stops reading.
    func stop() {
        let task = state.withLock { state in
            state.isStopped = true
            return state.task
        }
        task?.cancel()
    }
}
