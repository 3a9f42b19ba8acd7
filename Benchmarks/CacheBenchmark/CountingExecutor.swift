import Dispatch
import Synchronization

/// Runs tasks on a thread of its own, and counts how often one is scheduled: once for each time it was suspended.
final class CountingExecutor: TaskExecutor {
    private let count = Atomic<Int>(0)
    private let queue = DispatchQueue(label: "counting executor")

    /// How many jobs were scheduled so far.
    var jobs: Int { count.load(ordering: .sequentiallyConsistent) }

    func enqueue(_ job: consuming ExecutorJob) {
        count.wrappingAdd(1, ordering: .sequentiallyConsistent)
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
