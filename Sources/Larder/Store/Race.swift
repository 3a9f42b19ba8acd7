import MemoryCache

/// The first of several results, for the one who waits for it.
package final class Race<Value: Sendable>: Sendable {
    private enum Phase {
        case open
        case awaited(CheckedContinuation<Value, any Error>)
        case ended(Result<Value, any Error>)
        case over
    }

    private struct State {
        var phase = Phase.open
        var afterwards: (@Sendable () -> Void)?

        /// Takes a result, if it is the first.
        mutating func end(_ result: Result<Value, any Error>) -> (
            isFirst: Bool, continuation: CheckedContinuation<Value, any Error>?
        ) {
            switch phase {
            case .open:
                phase = .ended(result)
                return (true, nil)
            case .awaited(let continuation):
                phase = .over
                return (true, continuation)
            case .ended, .over:
                return (false, nil)
            }
        }
    }

    private let state = Locked(State())

    package init() {}

    /// Takes part with a result.
    ///
    /// - Returns: Whether it was the first.
    @discardableResult
    package func end(_ result: Result<Value, any Error>) -> Bool {
        let (outcome, afterwards) = state.withLock { state in
            let outcome = state.end(result)
            defer { if outcome.isFirst { state.afterwards = nil } }
            return (outcome, outcome.isFirst ? state.afterwards : nil)
        }
        outcome.continuation?.resume(with: result)
        afterwards?()
        return outcome.isFirst
    }

    /// Says what to do once there is a result.
    package func afterwards(_ body: @escaping @Sendable () -> Void) {
        let isOver = state.withLock { state in
            switch state.phase {
            case .open, .awaited:
                state.afterwards = body
                return false
            case .ended, .over:
                return true
            }
        }
        if isOver { body() }
    }

    /// Waits for the first result.
    ///
    /// To be asked once.
    package var result: Value {
        get async throws {
            try await withCheckedThrowingContinuation { continuation in
                let result: Result<Value, any Error>? = state.withLock { state in
                    if case .ended(let result) = state.phase {
                        state.phase = .over
                        return result
                    }
                    state.phase = .awaited(continuation)
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        }
    }
}
