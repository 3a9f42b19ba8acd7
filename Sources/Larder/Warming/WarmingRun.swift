import MemoryCache

/// One run of a warming task.
///
/// Batches are taken in their order, by as many workers as loads may be under way; those that failed come again behind all
/// others.
final class WarmingRun: Sendable {
    private struct Batch {
        let number: Int
        /// How often it was tried, and how many of its keys were cold before.
        var tries = 0
        var cold = 0
    }

    private struct State {
        var progress: WarmingProgress
        var pacer: LoadPacer
        var nextBatch = 0
        /// Batches that failed.
        var again = FIFO<Batch>()
    }

    private let task: WarmingTask
    private let clock: CacheClock
    private let start: UInt64
    private let lease: WarmingLease?
    private let report: @Sendable (WarmingProgress) -> Void
    private let state: Locked<State>

    init(
        _ task: WarmingTask,
        number: Int,
        clock: CacheClock,
        lease: WarmingLease?,
        report: @escaping @Sendable (WarmingProgress) -> Void
    ) {
        self.task = task
        self.clock = clock
        self.lease = lease
        self.report = report
        start = clock.source.exactNow
        let pacer = LoadPacer(maximumRate: task.rules.loadsPerSecond)
        state = Locked(State(progress: WarmingProgress(task: task.name, run: number), pacer: pacer))
    }

    /// Warms all keys.
    ///
    /// - Throws: What asking for the keys throws.
    func run() async throws {
        let work = try await begin()
        tell { $0.progress.total = work.total }
        await withDiscardingTaskGroup { group in
            for _ in 0..<max(1, min(task.rules.maximumConcurrentLoads, work.batches)) {
                group.addTask { await self.work(work) }
            }
        }
        await lease?.giveBack()
        guard !Task.isCancelled else { return }
        tell { $0.progress.isFinished = true }
    }

    /// How far the run has come.
    var progress: WarmingProgress { state.withLock { $0.progress } }

    /// Asks for the keys, as often as the rules allow, with pauses that double.
    private func begin() async throws -> WarmingWork {
        var pause = Duration.seconds(1)
        for _ in 1..<task.rules.attempts {
            do {
                return try await task.begin()
            } catch {
                try await clock.sleep(pause)
                pause = min(pause * 2, .seconds(60))
            }
        }
        return try await task.begin()
    }

    private func work(_ work: WarmingWork) async {
        while !Task.isCancelled {
            let batch = state.withLock { state -> Batch? in
                if state.nextBatch < work.batches {
                    defer { state.nextBatch += 1 }
                    return Batch(number: state.nextBatch)
                }
                return state.again.removeFirst()
            }
            guard let batch else { return }
            await warm(work, batch)
        }
    }

    private func warm(_ work: WarmingWork, _ batch: Batch) async {
        var batch = batch
        var found = WarmingBatch()
        do {
            found = try await work.find(batch.number)
            if batch.tries == 0 {
                batch.cold = found.cold
                // What the tiers have is done, whatever becomes of the rest.
                tell {
                    $0.progress.fresh += found.fresh
                    $0.progress.fromStore += found.fromStore
                }
            }
            if found.cold > 0 {
                try await lease?.hold { state.withLock { [elapsed] in $0.pacer.rest(at: elapsed) } }
                try await waitForTurn()
                try await load(found)
            }
            tell { [batch] in $0.progress.loaded += batch.cold }
        } catch {
            guard !Task.isCancelled else { return }
            batch.tries += 1
            tell { [batch, rules = task.rules] state in
                if batch.tries < rules.attempts {
                    state.again.append(batch)
                } else {
                    state.progress.failed += found.cold
                    state.progress.loaded += batch.cold - found.cold
                }
            }
        }
    }

    private func load(_ batch: WarmingBatch) async throws {
        let begin = clock.source.exactNow
        func note(isFailure: Bool) {
            let taken = Deadline.duration(until: clock.source.exactNow, from: begin)
            state.withLock { $0.pacer.end(after: taken, isFailure: isFailure) }
        }
        do {
            try await batch.load()
            note(isFailure: false)
        } catch {
            if !Task.isCancelled { note(isFailure: true) }
            throw error
        }
    }

    /// Waits until the next load may start.
    private func waitForTurn() async throws {
        var turn = state.withLock { [elapsed] in $0.pacer.book(at: elapsed) }
        repeat {
            try await clock.sleepUntil(Deadline.after(turn, from: start))
            guard let later = state.withLock({ [elapsed] in $0.pacer.start(at: elapsed) }) else { return }
            turn = later
        } while true
    }

    private var elapsed: Duration { Deadline.duration(until: clock.source.exactNow, from: start) }

    /// Changes the progress, and tells of it.
    private func tell(_ change: (inout State) -> Void) {
        let elapsed = elapsed
        let progress = state.withLock { state in
            change(&state)
            state.progress.elapsed = elapsed
            state.progress.loadsPerSecond = state.pacer.rate
            return state.progress
        }
        report(progress)
    }
}
