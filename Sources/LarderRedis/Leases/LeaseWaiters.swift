import Larder
import NIOConcurrencyHelpers

/// Those who wait for leases to be released, by the names of the leases.
final class LeaseWaiters: Sendable {
    private struct State {
        var waiters: [[UInt8]: [Int: Race<Void>]] = [:]
        var nextWaiter = 0
    }

    private let state = NIOLockedValueBox(State())

    /// Waits until a name is called, the patience is over, or the task is cancelled.
    func wait(for name: [UInt8], atMost patience: Duration) async {
        let race = Race<Void>()
        let number = state.withLockedValue { state in
            state.nextWaiter += 1
            state.waiters[name, default: [:]][state.nextWaiter] = race
            return state.nextWaiter
        }
        let end = ContinuousClock.now.advanced(by: patience)
        await race.wait { try await Task.sleep(until: end) }
        state.withLockedValue { state in
            state.waiters[name]?[number] = nil
            if state.waiters[name]?.isEmpty == true { state.waiters[name] = nil }
        }
    }

    /// Wakes those who wait for a name.
    func wake(_ name: [UInt8]) {
        let races = state.withLockedValue { Array(($0.waiters[name] ?? [:]).values) }
        for race in races { race.end(.success(())) }
    }

    /// Wakes all, because messages may be missing.
    func wakeAll() {
        let races = state.withLockedValue { $0.waiters.values.flatMap(\.values) }
        for race in races { race.end(.success(())) }
    }
}
