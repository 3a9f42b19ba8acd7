import Foundation

/// Carries operations from tasks to the thread of a writer.
final class WriteQueue<Operation: QueuedOperation>: @unchecked Sendable {
    // Sharing is safe because the backlog is only touched under the lock of the condition.
    private let condition = NSCondition()
    private var backlog: WriteBacklog<Operation>

    init(maximumWrites: Int, maximumBytes: Int) {
        backlog = WriteBacklog(maximumWrites: maximumWrites, maximumBytes: maximumBytes)
    }

    /// How many writes wait or are being performed.
    var pendingWrites: Int { condition.withLock { backlog.pendingWrites } }

    /// Hands an operation to the writer and waits for its end, even if the task is cancelled meanwhile.
    func perform(_ operation: Operation) async throws -> Operation.Outcome {
        try await withCheckedThrowingContinuation { completion in
            let refusal = condition.withLock {
                let refusal = backlog.admit(
                    WriteBacklog<Operation>.Request(operation: operation, completion: completion)
                )
                if refusal == nil { condition.signal() }
                return refusal
            }
            if let refusal { completion.resume(throwing: refusal) }
        }
    }

    /// Waits for work on the thread of the writer.
    ///
    /// - Parameter patience: How long to wait.
    /// - Returns: What to do; `wait` if nothing came.
    func next(waitingFor patience: Duration) -> WriteBacklog<Operation>.Turn {
        let deadline = Date(timeIntervalSinceNow: patience / .seconds(1))
        return condition.withLock {
            while true {
                let turn = backlog.next()
                guard case .wait = turn, condition.wait(until: deadline) else { return turn }
            }
        }
    }

    /// Lets nothing more in; the writer ends when it has done what waits.
    func close() {
        condition.withLock {
            backlog.close()
            condition.signal()
        }
    }

    /// Lets nothing more in, and waits until the writer has ended.
    func closeAndWait() async {
        await withCheckedContinuation { continuation in
            let hasEnded = condition.withLock {
                condition.signal()
                return backlog.close(thenResume: continuation)
            }
            if hasEnded { continuation.resume() }
        }
    }

    /// Wakes those who wait for the end of the writer.
    func end() {
        for closer in condition.withLock({ backlog.end() }) { closer.resume() }
    }
}
