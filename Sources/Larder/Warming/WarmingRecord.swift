import MemoryCache

/// What is known of the runs of warming tasks, and who is told of it.
final class WarmingRecord: Sendable {
    private struct State {
        /// How far each task has come in its newest run.
        var newest: [String: WarmingProgress] = [:]
        /// How far each task came in its first run, for the gate: a later one opens and closes nothing.
        var first: [String: WarmingProgress] = [:]
        /// The tasks whose first run has ended, be it well or not.
        var ended: Set<String> = []
        var statistics: [String: WarmingStatistics] = [:]
        var listeners: [Int: AsyncStream<WarmingProgress>.Continuation] = [:]
        var lastListener = 0
        var isFinished = false
    }

    private let state = Locked(State())

    var statistics: [String: WarmingStatistics] {
        state.withLock { state in
            state.newest.mapValues { progress in
                var statistics = state.statistics[progress.task] ?? WarmingStatistics(newest: progress)
                statistics.newest = progress
                return statistics
            }
        }
    }

    /// Takes note of how far a run has come, and tells of it.
    func note(_ progress: WarmingProgress) {
        let listeners = state.withLock { state in
            state.newest[progress.task] = progress
            if progress.run == 1 { state.first[progress.task] = progress }
            return Array(state.listeners.values)
        }
        for listener in listeners { listener.yield(progress) }
    }

    /// Takes note of the end of a run.
    func end(_ progress: WarmingProgress) {
        state.withLock { state in
            state.ended.insert(progress.task)
            state.statistics[progress.task, default: WarmingStatistics(newest: progress)].add(progress)
        }
        note(progress)
    }

    /// Ends all that tells of progress.
    func finish() {
        let listeners = state.withLock { state in
            state.isFinished = true
            return Array(state.listeners.values)
        }
        for listener in listeners { listener.finish() }
    }

    /// What tells of progress, beginning with what is known.
    func stream() -> AsyncStream<WarmingProgress> {
        AsyncStream(bufferingPolicy: .bufferingNewest(16)) { continuation in
            let (number, isFinished) = state.withLock { state in
                state.lastListener += 1
                if !state.isFinished { state.listeners[state.lastListener] = continuation }
                for progress in state.newest.values { continuation.yield(progress) }
                return (state.lastListener, state.isFinished)
            }
            if isFinished { return continuation.finish() }
            continuation.onTermination = { [weak self] _ in
                self?.state.withLock { _ = $0.listeners.removeValue(forKey: number) }
            }
        }
    }

    // MARK: The gate

    /// Whether the first run of each of some tasks has ended.
    func haveEnded(_ tasks: [String]) -> Bool { state.withLock { $0.ended }.isSuperset(of: tasks) }

    /// Whether a share of the keys of some tasks came into memory with their first runs.
    func areWarm(_ tasks: [String], _ fraction: Double) -> Bool {
        let first = state.withLock { $0.first }
        let runs = tasks.compactMap { first[$0] }
        // What a task has to do is known once its keys are.
        guard runs.count == tasks.count, runs.allSatisfy({ $0.total > 0 || $0.isFinished }) else { return false }
        let total = runs.reduce(0) { $0 + $1.total }
        return Double(runs.reduce(0) { $0 + $1.warm }) >= fraction * Double(total)
    }
}
