package import HTTPCaching
import MemoryCache

/// Who is fetching what, so that others wait instead of asking the same.
///
/// Waiters go on as soon as it is known that the answer is for one client alone, and such an answer is remembered for a
/// while: the next requests do not wait for each other.
package final class FlightBoard: Sendable {
    /// What a request that nothing stored answers does.
    package enum Turn {
        /// It asks the origin, and says when it is done.
        case lead
        /// It waits, and is called.
        case wait
        /// It asks the origin by itself.
        case alone
    }

    /// How a flight ended.
    package enum Landing {
        /// What it brought is stored, and answers others.
        case stored
        /// What it brought answers nobody else.
        case unshared
        /// It brought nothing: the origin fails.
        case failed
        /// It was given up, since who asked is gone.
        case abandoned
    }

    /// Is called once: with whether it may wait again, if nothing that is stored answers it now.
    ///
    /// After a failure nobody does: a queue before an origin that fails would pass at the pace of its timeouts.
    package typealias Waiter = @Sendable (_ mayWait: Bool) -> Void

    private struct State {
        var waiters: [ResourceKey: [Waiter]] = [:]
        /// What is for one client alone, until when.
        var unshared: [ResourceKey: Duration] = [:]
    }

    private static let maximumWaiters = 10_000
    private static let memory: Duration = .seconds(10)
    private static let memoryLimit = 10_000

    private let state = Locked(State())

    package init() {}

    package func join(_ key: ResourceKey, now: Duration, _ waiter: @escaping Waiter) -> Turn {
        state.withLock { state in
            if let until = state.unshared[key] {
                if until > now { return .alone }
                state.unshared[key] = nil
            }
            guard let waiting = state.waiters[key] else {
                state.waiters[key] = []
                return .lead
            }
            guard waiting.count < Self.maximumWaiters else { return .alone }
            state.waiters[key]?.append(waiter)
            return .wait
        }
    }

    /// Ends a flight, and calls who waited for it.
    ///
    /// - Parameters:
    ///   - key: What was fetched.
    ///   - landing: How it ended.
    ///   - now: The time.
    package func land(_ key: ResourceKey, _ landing: Landing, now: Duration) {
        let waiters = state.withLock { state in
            if landing == .unshared {
                if state.unshared.count >= Self.memoryLimit { state.unshared = [:] }
                state.unshared[key] = now + Self.memory
            }
            return state.waiters.removeValue(forKey: key) ?? []
        }
        for waiter in waiters { waiter(landing == .stored || landing == .abandoned) }
    }
}

extension FlightBoard {
    /// Takes the lead of what nobody fetches yet, and does not wait otherwise.
    package func joinSilently(_ key: ResourceKey, now: Duration) -> Turn {
        join(key, now: now) { _ in }
    }
}
