/// How far a warming task has come.
public struct WarmingProgress: Hashable, Sendable, CustomStringConvertible {
    /// The name of the task.
    public var task: String

    /// Which run of the task it is, from 1 on.
    public var run = 1

    /// How many keys there are.
    public var total = 0

    /// Keys that memory had already.
    public var fresh = 0

    /// Keys that the store had.
    public var fromStore = 0

    /// Keys that were loaded.
    public var loaded = 0

    /// Keys that could not be loaded, after all attempts.
    public var failed = 0

    /// How long the run has been under way.
    public var elapsed = Duration.zero

    /// How many loads may start in a second now.
    public var loadsPerSecond = 0.0

    /// Whether all keys were done.
    public var isFinished = false

    /// Keys that memory has by now.
    public var warm: Int { fresh + fromStore + loaded }

    /// The share of the keys that memory has by now, from 0 to 1; 1 once the run has ended if there are none.
    public var fraction: Double { total == 0 ? (isFinished ? 1 : 0) : Double(warm) / Double(total) }

    /// How many keys were done in a second.
    public var rate: Double { elapsed > .zero ? Double(warm + failed) / (elapsed / .seconds(1)) : 0 }

    /// How long the rest will take at the rate so far; `nil` if nothing is done yet.
    public var timeLeft: Duration? { rate > 0 ? .seconds(Double(total - warm - failed) / rate) : nil }

    /// A line for a terminal.
    public var description: String {
        let percent = Int(fraction * 100)
        let left = timeLeft.map { ", \(Int(($0 / .seconds(1)).rounded(.up))) s left" } ?? ""
        let failures = failed > 0 ? ", \(failed) failed" : ""
        return "\(task): \(percent) % of \(total), \(Int(rate))/s\(failures)\(isFinished ? ", done" : left)"
    }
}

/// What a warming task has done in all its runs.
public struct WarmingStatistics: Hashable, Sendable {
    /// How many runs did all keys.
    public var finishedRuns = 0

    /// How many runs were cancelled, or could not learn their keys.
    public var unfinishedRuns = 0

    /// Keys that were loaded.
    public var loaded = 0

    /// Keys that the store had.
    public var fromStore = 0

    /// Keys that could not be loaded, after all attempts.
    public var failed = 0

    /// How long the runs took together.
    public var elapsed = Duration.zero

    /// The newest run.
    public var newest: WarmingProgress

    mutating func add(_ run: WarmingProgress) {
        if run.isFinished { finishedRuns += 1 } else { unfinishedRuns += 1 }
        loaded += run.loaded
        fromStore += run.fromStore
        failed += run.failed
        elapsed += run.elapsed
        newest = run
    }
}
