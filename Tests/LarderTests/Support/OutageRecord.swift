import Larder
import LarderTesting
import MemoryCache

/// What callers saw while an origin hung, and the most that there was of anything at any time.
final class OutageRecord: Sendable {
    struct Most {
        var flights = 0
        var waiting = 0
        var alarms = 0
        var running = 0
    }

    private struct State {
        var waits: [Int: Duration] = [:]
        var answeredInOrder = 0
        var errors: [any Error] = []
        var most = Most()
    }

    private let state = Locked(State())

    /// How many callers have an answer, be it an error.
    var answers: Int { state.withLock { $0.waits.count } }

    /// How many callers have an answer, of those before the first that has none.
    var answeredInOrder: Int { state.withLock { $0.answeredInOrder } }

    var errors: [any Error] { state.withLock { $0.errors } }
    var most: Most { state.withLock { $0.most } }

    /// How long a share of the callers waited at most.
    func wait(ofShare share: Double) -> Duration {
        let waits = state.withLock { $0.waits.values.sorted() }
        return waits[Int(Double(waits.count - 1) * share)]
    }

    /// Notes how a call ends, and how long it took.
    func take(_ caller: Int, _ clock: ManualClock, _ call: () async throws -> Void) async {
        let start = clock.now
        var failure: (any Error)?
        do { try await call() } catch { failure = error }
        let wait = start.duration(to: clock.now)
        state.withLock { state in
            state.waits[caller] = wait
            while state.waits[state.answeredInOrder] != nil { state.answeredInOrder += 1 }
            if let failure { state.errors.append(failure) }
        }
    }

    /// Notes what there is now.
    func note(_ cache: TieredCache<Int, String>, running: Int) {
        let activity = cache.activity
        let alarms = cache.watchedDeadlines
        state.withLock { state in
            state.most.flights = max(state.most.flights, activity.flights)
            state.most.waiting = max(state.most.waiting, activity.waiting)
            state.most.alarms = max(state.most.alarms, alarms)
            state.most.running = max(state.most.running, running)
        }
    }
}
