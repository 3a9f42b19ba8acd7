import MemoryCache

/// The task that loads, for callers of a higher priority who come to wait for it.
final class Escalation: Sendable {
    private let task: Locked<Callback<TaskPriority, Void>?>

    init(_ raise: @escaping @Sendable (TaskPriority) -> Void) {
        task = Locked(Callback(raise))
    }

    /// Raises the priority of the task, unless it is at something else by now.
    ///
    /// Under a lock of its own, since the task must not end meanwhile, and what it runs when its priority is raised is
    /// not ours.
    func raise(to priority: TaskPriority) {
        task.withLock { raise in raise?.call(priority) }
    }

    /// Takes the task back.
    func end() {
        task.withLock { $0 = nil }
    }

    /// Runs a body that stands for a load in the current task.
    static func during<Result>(
        _ body: (Escalation?) async throws -> Result
    ) async rethrows -> Result {
        let escalation = withUnsafeCurrentTask { task in
            task.map { task in
                let handle = TaskHandle(task: task)
                return Escalation { handle.task.escalatePriority(to: $0) }
            }
        }
        defer { escalation?.end() }
        return try await body(escalation)
    }

    private struct TaskHandle: @unchecked Sendable {
        // Safe to share: used only while the task is alive, which the lock of the escalation and `end` see to.
        let task: UnsafeCurrentTask
    }
}
