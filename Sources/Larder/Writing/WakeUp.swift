import MemoryCache

/// Lets one task sleep until a moment, or until it is woken.
final class WakeUp: Sendable {
    private struct State {
        var isDue = false
        var sleeper: Race<Void>?
    }

    private let clock: CacheClock
    private let state = Locked(State())

    init(clock: CacheClock) {
        self.clock = clock
    }

    /// Wakes the sleeper; if there is none, the next one does not fall asleep.
    func signal() {
        let sleeper = state.withLock { state in
            if state.sleeper == nil { state.isDue = true }
            defer { state.sleeper = nil }
            return state.sleeper
        }
        sleeper?.end(.success(()))
    }

    /// Sleeps until a moment on the clock, a signal, or the cancellation of the task.
    func sleep(until moment: UInt64) async {
        let race = Race<Void>()
        let isDue = state.withLock { state in
            if !state.isDue { state.sleeper = race }
            defer { state.isDue = false }
            return state.isDue
        }
        guard !isDue else { return }
        if moment == Deadline.never {
            await race.wait()
        } else {
            await race.wait { [clock] in try await clock.sleepUntil(moment) }
        }
        // A signal that comes from here on is for the next sleep.
        state.withLock { if $0.sleeper === race { $0.sleeper = nil } }
    }
}
