extension Race where Value == Void {
    /// Waits for the end of the race, for a sleep to be over, or for the cancellation of the task.
    ///
    /// To be asked once, in place of ``result``.
    ///
    /// - Parameter sleep: Sleeps until the patience is over. It begins at some later time in a task of its own; on a
    ///   clock that a test moves it has to sleep until a moment that was fixed before.
    package func wait(atMost sleep: @escaping @Sendable () async throws -> Void) async {
        let timer = Task { [self] in
            if (try? await sleep()) != nil { end(.success(())) }
        }
        afterwards { timer.cancel() }
        await wait()
    }

    /// Waits for the end of the race, or for the cancellation of the task.
    package func wait() async {
        await withTaskCancellationHandler {
            try? await result
        } onCancel: {
            end(.success(()))
        }
    }
}
