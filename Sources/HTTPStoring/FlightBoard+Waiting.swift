package import HTTPCaching
import MemoryCache

extension FlightBoard {
    /// What a task does whose request nothing stored answers.
    package enum AwaitedTurn {
        /// It makes the response, and says when it is done.
        case lead
        /// It makes the response by itself.
        case alone
        /// Who made it is done: it decides again, and may wait again or not.
        case landed(mayWait: Bool)
    }

    /// Takes a turn, and waits if somebody else makes the same response.
    ///
    /// - Parameters:
    ///   - key: What is asked for.
    ///   - now: The time.
    /// - Returns: What to do; a task that was cancelled while it waited goes alone.
    package func turn(of key: ResourceKey, now: Duration) async -> AwaitedTurn {
        let wait = FlightWait()
        switch join(key, now: now, { wait.end(mayWait: $0) }) {
        case .lead: return .lead
        case .alone: return .alone
        case .wait: return .landed(mayWait: await wait.end())
        }
    }
}

/// The wait of one task, which ends once: with the flight, or when the task is cancelled.
private final class FlightWait: Sendable {
    private enum State {
        case begun
        case waiting(CheckedContinuation<Bool, Never>)
        case ended(Bool)
    }

    private let state = Locked(State.begun)

    func end(mayWait: Bool) {
        let continuation = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            switch state {
            case .begun: state = .ended(mayWait)
            case .ended: break
            case .waiting(let continuation):
                state = .ended(mayWait)
                return continuation
            }
            return nil
        }
        continuation?.resume(returning: mayWait)
    }

    func end() async -> Bool {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ended = state.withLock { state -> Bool? in
                    if case .ended(let mayWait) = state { return mayWait }
                    state = .waiting(continuation)
                    return nil
                }
                if let ended { continuation.resume(returning: ended) }
            }
        } onCancel: {
            end(mayWait: false)
        }
    }
}
