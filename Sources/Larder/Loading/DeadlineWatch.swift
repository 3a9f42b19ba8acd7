import MemoryCache

/// Sleeps until the earliest deadline of a cache's loads and of those who wait for them.
///
/// There is at most one sleeping task for each cache, and none before the first load.
final class DeadlineWatch: @unchecked Sendable {
    // Safe to share: `expire` is set once, before the watch is shared; the rest is locked or constant.

    private struct State {
        var wakesAt = Deadline.never
        var task: Task<Void, Never>?
    }

    /// Does what is due by now, and returns the next deadline.
    var expire: (@Sendable (UInt64) -> UInt64?)?

    private let clock: CacheClock
    private let state = Locked(State())

    init(clock: CacheClock) {
        self.clock = clock
    }

    deinit {
        state.withLock { $0.task }?.cancel()
    }

    var now: UInt64 { clock.now }

    /// Sees to it that the watch wakes at a deadline.
    func cover(_ deadline: UInt64) {
        state.withLock { state in
            guard deadline < state.wakesAt else { return }
            state.task?.cancel()
            state.wakesAt = deadline
            state.task = Task.detached { [weak self, clock] in
                // A cancelled sleep means that another task covers an earlier deadline.
                guard (try? await clock.sleepUntil(deadline)) != nil else { return }
                self?.wake(at: deadline)
            }
        }
    }

    private func wake(at deadline: UInt64) {
        let isCurrent = state.withLock { state in
            guard state.wakesAt == deadline else { return false }
            state.wakesAt = Deadline.never
            state.task = nil
            return true
        }
        guard isCurrent, let expire else { return }
        if let next = expire(max(clock.now, deadline)) { cover(next) }
    }
}
