public import Logging
import MemoryCache
public import ServiceLifecycle

import struct Foundation.Date

/// Runs warming tasks by their schedules; see <doc:Warming>.
///
/// ```swift
/// let warmer = try Warmer(of: caches, tasks: [frontPage, roster.task()], rosters: [roster])
/// let group = ServiceGroup(services: [caches, warmer, server], logger: logger)
/// // where a load balancer asks whether the node is ready:
/// let isReady = await warmer.waitUntilWarm(fraction: 0.9, deadline: .seconds(30))
/// ```
public final class Warmer: Service, Sendable {
    let system: CacheSystem
    let tasks: [WarmingTask]
    let record = WarmingRecord()
    private let rosters: [any WarmingRosterSaving]
    private let saveInterval: Duration
    private let leases: (any LeaseProvider)?
    private let logger: Logger
    /// The runs that are under way, by their tasks.
    private let running = Locked<[String: Task<Void, any Error>]>([:])

    /// Makes a warmer.
    ///
    /// - Parameters:
    ///   - system: The owner of the caches.
    ///   - tasks: What to warm.
    ///   - rosters: What to keep for the next start, at intervals and at the end.
    ///   - saveInterval: How often rosters are kept, from a second to a day.
    ///   - leases: Lets one node of a fleet at a time load for a task; `nil` lets all.
    ///   - logger: Hears of runs that failed.
    /// - Throws: ``CacheError`` with the code `invalidConfiguration` for rules out of range, or for two tasks of one name.
    public init(
        of system: CacheSystem,
        tasks: [WarmingTask],
        rosters: [any WarmingRosterSaving] = [],
        saveInterval: Duration = .seconds(300),
        leases: (any LeaseProvider)? = nil,
        logger: Logger = .current
    ) throws(CacheError) {
        for task in tasks { try task.validate() }
        guard Set(tasks.map(\.name)).count == tasks.count, !tasks.contains(where: \.name.isEmpty) else {
            throw CacheError(.invalidConfiguration, "Warming tasks need names, each one of its own.")
        }
        guard saveInterval >= .seconds(1), saveInterval <= .seconds(86_400) else {
            throw CacheError(.invalidConfiguration, "saveInterval is \(saveInterval); give a second to a day.")
        }
        self.system = system
        self.tasks = tasks
        self.rosters = rosters
        self.saveInterval = saveInterval
        self.leases = leases
        self.logger = logger
    }

    /// Runs the tasks, and keeps the rosters, until the task is cancelled or the service group stops.
    public func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            await withDiscardingTaskGroup { group in
                for task in tasks { group.addTask { await self.run(task) } }
                group.addTask {
                    while (try? await self.system.clock.sleep(self.saveInterval)) != nil { self.saveRosters() }
                }
            }
        }
        saveRosters()
        record.finish()
    }

    /// Ends the run of a task that is under way; its schedule goes on.
    ///
    /// - Parameter task: The name of the task.
    public func cancel(_ task: String) {
        running.withLock { $0[task] }?.cancel()
    }

    // MARK: Runs

    private func run(_ task: WarmingTask) async {
        var number = 0
        var lastTime = system.clock.wallTime()
        do {
            while try await waitForRun(of: task, isFirst: number == 0, &lastTime) {
                try await system.clock.sleep(task.rules.startJitter * Double.random(in: 0...1))
                number += 1
                await run(task, number)
            }
        } catch {
            // Cancelled while it waited.
        }
    }

    /// Waits for the next run of a task.
    ///
    /// - Returns: Whether there is one.
    private func waitForRun(of task: WarmingTask, isFirst: Bool, _ lastTime: inout Date) async throws -> Bool {
        try Task.checkCancellation()
        switch task.schedule {
        case .once:
            return isFirst
        case .every(let pause):
            if !isFirst { try await system.clock.sleep(pause) }
        case .cron(let expression):
            // Never the same time twice, however early the clock on the wall says that it is.
            guard let time = expression.next(after: max(lastTime, system.clock.wallTime())) else { return false }
            lastTime = time
            while case let left = time.timeIntervalSince(system.clock.wallTime()), left > 0 {
                // In parts, since the clock on the wall may be set meanwhile.
                try await system.clock.sleep(.seconds(min(left, 600)))
            }
        }
        return true
    }

    private func run(_ task: WarmingTask, _ number: Int) async {
        let lease = leases.map {
            WarmingLease($0, task: task.name, keyPrefix: system.configuration.keyPrefix, clock: system.clock)
        }
        let run = WarmingRun(task, number: number, clock: system.clock, lease: lease) { [record] in record.note($0) }
        let work = Task { try await run.run() }
        running.withLock { $0[task.name] = work }
        await withTaskCancellationHandler {
            do {
                try await work.value
            } catch {
                guard !Task.isCancelled, !(error is CancellationError) else { return }
                logger.warning("A warming task failed", metadata: ["task": "\(task.name)", "error": "\(error)"])
            }
        } onCancel: {
            work.cancel()
        }
        running.withLock { $0[task.name] = nil }
        record.end(run.progress)
    }

    private func saveRosters() {
        for roster in rosters {
            do {
                try roster.save()
            } catch {
                logger.warning("A warming roster could not be kept", metadata: ["error": "\(error)"])
            }
        }
    }
}
