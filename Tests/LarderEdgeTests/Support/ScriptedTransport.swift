import LarderEdge
import LarderTesting
import MemoryCache

/// A vendor without a network, which keeps when it was asked.
final class ScriptedTransport: EdgeTransport {
    private struct State {
        var replies: [EdgeReply]
        var moments: [Duration] = []
    }

    private let clock: ManualClock
    private let state: Locked<State>

    /// Answers with these, and then that all is well.
    init(clock: ManualClock, replies: [EdgeReply]) {
        self.clock = clock
        state = Locked(State(replies: replies))
    }

    /// When each request came.
    var moments: [Duration] { state.withLock { $0.moments } }

    func send(_ call: EdgeCall, timeout: Duration) async throws -> EdgeReply {
        let now = clock.now.offset
        return state.withLock { state in
            state.moments.append(now)
            return state.replies.isEmpty ? EdgeReply(status: 200) : state.replies.removeFirst()
        }
    }
}
