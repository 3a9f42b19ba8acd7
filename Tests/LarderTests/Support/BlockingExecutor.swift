import Dispatch

/// Runs tasks on a thread of its own, so that a test may block it while others go on.
///
/// A test that blocked a thread of the shared pool would take it from all tests that run at the same time.
final class BlockingExecutor: TaskExecutor {
    private let queue = DispatchQueue(label: "blocking executor")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
