import Foundation

/// A terminal whose whole screen is drawn anew in place, on its second screen, so that the first is there again at the
/// end.
struct TerminalScreen: Sendable {
    private static let enter = "\u{1B}[?1049h\u{1B}[?25l"
    private static let leave = "\u{1B}[?25h\u{1B}[?1049l"
    private static let home = "\u{1B}[H"
    private static let clearLine = "\u{1B}[K"
    private static let clearBelow = "\u{1B}[J"

    var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// How much fits; 120 columns and 40 rows where the terminal does not say.
    var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (120, 40)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    func begin() { write(Self.enter) }

    func end() { write(Self.leave) }

    /// Draws lines over what was there.
    func show(_ lines: [String]) {
        write(Self.home + lines.map { $0 + Self.clearLine }.joined(separator: "\r\n") + Self.clearBelow)
    }

    private func write(_ text: String) {
        // A terminal that is gone ends the command by a signal.
        try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    }
}
