import Synchronization

/// Shows how far a long task is: a bar on a terminal, else a line now and then.
final class ProgressBar: Sendable {
    private static let width = 32

    private let title: String
    private let total: Int
    private let console: Console
    private let shown = Mutex(-1)

    init(_ title: String, total: Int, console: Console) {
        self.title = title
        self.total = Swift.max(total, 1)
        self.console = console
    }

    /// Shows that so many of all are done; calls out of order never move the bar back.
    func update(_ done: Int) {
        let percent = Swift.min(100, Swift.max(0, done * 100 / total))
        // A log wants a line for each quarter, a terminal each percent.
        let step = console.isTerminal ? percent : percent / 25 * 25
        shown.withLock { shown in
            guard step > shown else { return }
            shown = step
            console.writeProgress(line(percent: step))
        }
    }

    /// Shows that all is done and ends the line.
    func finish() {
        update(total)
        if console.isTerminal { console.writeProgress("\n") }
    }

    private func line(percent: Int) -> String {
        let label = title.padding(to: 26)
        guard console.isTerminal else { return "\(label) \(String(percent).padding(to: 3, onLeft: true)) %\n" }
        let filled = Self.width * percent / 100
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: Self.width - filled)
        return "\r\(label) \(bar) \(String(percent).padding(to: 3, onLeft: true)) %"
    }
}

extension String {
    /// The text filled up with spaces to a width.
    func padding(to width: Int, onLeft: Bool = false) -> String {
        let fill = String(repeating: " ", count: Swift.max(0, width - count))
        return onLeft ? fill + self : self + fill
    }
}
