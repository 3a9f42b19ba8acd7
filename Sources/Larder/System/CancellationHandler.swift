/// Runs an operation, and has a handler called if the task is cancelled meanwhile, without leaving the caller's actor.
///
/// The closure that the standard library's function of the kind takes would run off the actor, which costs two changes
/// of executor for each call; one that captures the isolation stays.
func withCancellationHandler<Result>(
    isolation: isolated (any Actor)? = #isolation,
    _ operation: () async throws -> Result,
    onCancel handler: @Sendable () -> Void
) async rethrows -> Result {
    try await withTaskCancellationHandler(
        operation: {
            _ = isolation
            return try await operation()
        },
        onCancel: handler,
        isolation: isolation
    )
}
