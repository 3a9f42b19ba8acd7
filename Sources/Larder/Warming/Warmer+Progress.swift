public import Foundation

extension Warmer {
    /// What each task has done, by its name, once it has run for the first time.
    public var statistics: [String: WarmingStatistics] { record.statistics }

    /// What tells of progress as it is made: the newest, where it is made faster than it is read.
    ///
    /// It ends with the warmer. Each use makes a sequence of its own.
    public var progress: AsyncStream<WarmingProgress> { record.stream() }

    /// Waits until a share of the keys of all tasks is in memory, or all first runs have ended.
    ///
    /// For the readiness of a node that is being deployed. Tasks with times of day are not waited for, and what later runs
    /// do changes no answer.
    ///
    /// - Parameters:
    ///   - fraction: The share, from 0 to 1.
    ///   - deadline: How long to wait at most.
    /// - Returns: Whether the share was reached. A task that could not learn its keys has reached none.
    public func waitUntilWarm(fraction: Double, deadline: Duration) async -> Bool {
        let tasks = tasks.filter(\.isAwaited).map(\.name)
        await withTaskGroup(of: Void.self) { [record] group in
            group.addTask {
                for await _ in record.stream() where record.areWarm(tasks, fraction) || record.haveEnded(tasks) {
                    return
                }
            }
            group.addTask { [sleep = system.clock.alarm(after: deadline)] in try? await sleep() }
            if !record.areWarm(tasks, fraction), !record.haveEnded(tasks) { await group.next() }
            group.cancelAll()
        }
        return record.areWarm(tasks, fraction)
    }

    /// Shows progress on a terminal, one line per task in place, until the warmer ends or the task is cancelled; where the
    /// handle is no terminal, a line at the end of each run.
    ///
    /// - Parameter handle: Where to; the standard error unless given.
    public func showProgress(on handle: FileHandle = .standardError) async {
        var display = WarmingDisplay(isTerminal: isatty(handle.fileDescriptor) == 1)
        for await progress in progress {
            guard let text = display.text(for: progress, at: system.elapsed) else { continue }
            do { try handle.write(contentsOf: Data(text.utf8)) } catch { return }
        }
    }
}

/// What a terminal, or a file, is to show of progress.
struct WarmingDisplay {
    /// How much time passes between two drawings, but for those of an end.
    private static let pause = Duration.milliseconds(100)

    private let isTerminal: Bool
    private var tasks: [WarmingProgress] = []
    private var drawnLines = 0
    private var lastDrawing: Duration?

    init(isTerminal: Bool) {
        self.isTerminal = isTerminal
    }

    /// What to write; `nil` for nothing.
    mutating func text(for progress: WarmingProgress, at now: Duration) -> String? {
        let index = tasks.firstIndex { $0.task == progress.task }
        let isNews = index.map { tasks[$0] != progress } ?? true
        if let index { tasks[index] = progress } else { tasks.append(progress) }
        guard isTerminal else { return progress.isFinished && isNews ? "\(progress)\n" : nil }
        guard progress.isFinished || lastDrawing.map({ now - $0 >= Self.pause }) ?? true else { return nil }
        lastDrawing = now
        let up = drawnLines > 0 ? "\u{1B}[\(drawnLines)A" : ""
        drawnLines = tasks.count
        return up + tasks.map { "\r\u{1B}[K\($0)\n" }.joined()
    }
}
