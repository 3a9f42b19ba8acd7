import Logging
import MemoryCache

/// Logs failures of one kind once per interval, with the number of those that went by in silence.
final class FailureLog: Sendable {
    private struct State {
        var nextLine: UInt64 = 0
        var silenced = 0
    }

    private let message: Logger.Message
    private let logger: Logger
    private let interval: Duration
    private let state = Locked(State())

    init(_ message: Logger.Message, logger: Logger, interval: Duration) {
        self.message = message
        self.logger = logger
        self.interval = interval
    }

    func record(_ operation: String, _ error: any Error, now: UInt64) {
        let silenced: Int? = state.withLock { state in
            guard now >= state.nextLine else {
                state.silenced += 1
                return nil
            }
            defer { state.silenced = 0 }
            state.nextLine = Deadline.after(interval, from: now)
            return state.silenced
        }
        guard let silenced else { return }
        logger.warning(
            message,
            metadata: [
                "operation": "\(operation)",
                "error": "\(error)",
                "failures_since_last_line": "\(silenced)",
            ]
        )
    }
}
