import MemoryCache

/// Bounds how many entries are encrypted anew at a time, and lets a removal of everything go between them.
///
/// The store writes over nothing, for want of something to compare with: an entry that was on its way while everything
/// was removed would come back.
final class Rewraps: Sendable {
    private struct State {
        var running = 0
        var removals = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    static let limit = 16

    private let state = Locked(State())

    /// Begins one, unless as many run as may, or everything is being removed.
    func begin() -> Bool {
        state.withLock { state in
            guard state.running < Self.limit, state.removals == 0 else { return false }
            state.running += 1
            return true
        }
    }

    func end() {
        let woken = state.withLock { state in
            state.running -= 1
            guard state.running == 0 else { return [CheckedContinuation<Void, Never>]() }
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in woken { continuation.resume() }
    }

    /// Keeps new ones out, and waits for those that run.
    func pause() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                state.removals += 1
                if state.running > 0 { state.waiting.append(continuation) }
                return state.running == 0
            }
            if isIdle { continuation.resume() }
        }
    }

    func resume() { state.withLock { $0.removals -= 1 } }
}
