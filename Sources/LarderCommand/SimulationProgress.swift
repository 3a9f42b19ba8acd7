import Foundation
import Synchronization

/// A bar on the terminal that shows how far a simulation is; nothing if the standard error is no terminal.
final class SimulationProgress: Sendable {
    private struct State {
        var done = 0
        var lastDrawing: ContinuousClock.Instant
    }

    private static let interval = Duration.milliseconds(100)
    private static let clearLine = "\r\u{1B}[K"

    private let total: Int
    private let start = ContinuousClock.now
    private let isShown = isatty(STDERR_FILENO) == 1
    private let state = Mutex(State(lastDrawing: .now))

    init(total: Int) {
        self.total = max(1, total)
    }

    /// Counts requests that were simulated.
    func add(_ requests: Int) {
        guard isShown else { return }
        let line: String? = state.withLock { state in
            state.done += requests
            let now = ContinuousClock.now
            guard now - state.lastDrawing >= Self.interval else { return nil }
            state.lastDrawing = now
            return Self.line(done: state.done, total: total, elapsed: now - start)
        }
        if let line { Self.write(Self.clearLine + line) }
    }

    /// Takes the bar away.
    func finish() {
        if isShown { Self.write(Self.clearLine) }
    }

    /// What the bar shows, such as `[#####     ]  50 %  12.0 M requests/s  3 s left`.
    static func line(done: Int, total: Int, elapsed: Duration) -> String {
        let width = 30
        let share = min(1, Double(done) / Double(total))
        let seconds = elapsed / .seconds(1)
        let rate = seconds > 0 ? Double(done) / seconds : 0
        let left = rate > 0 ? Int((Double(total - done) / rate).rounded(.up)) : 0
        let filled = Int(share * Double(width))
        let bar = String(repeating: "#", count: filled) + String(repeating: " ", count: width - filled)
        let percent = Table.padLeft("\(Int(share * 100))", 3)
        return "[\(bar)] \(percent) %  \(String(format: "%.1f", rate / 1e6)) M requests/s  \(left) s left"
    }

    private static func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
