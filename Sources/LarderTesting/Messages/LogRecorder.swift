package import Logging
import MemoryCache

/// Keeps what is logged.
package final class LogRecorder: Sendable {
    /// One message.
    package struct Line: Sendable {
        package let level: Logger.Level
        package let message: String
        package let metadata: Logger.Metadata

        /// All that it says.
        package var text: String { "\(message) \(metadata)" }
    }

    private let recorded = Locked<[Line]>([])

    package init() {}

    package var lines: [Line] { recorded.withLock { $0 } }
    package var warnings: [Line] { lines.filter { $0.level == .warning } }

    /// All that was said, for a search in it.
    package var text: String { lines.map(\.text).joined(separator: "\n") }

    /// What was said at a level.
    package func messages(_ level: Logger.Level) -> [String] {
        lines.filter { $0.level == level }.map(\.message)
    }

    package var logger: Logger { Logger(label: "test") { _ in Handler(recorder: self) } }

    private struct Handler: LogHandler {
        let recorder: LogRecorder
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let line = Line(level: event.level, message: "\(event.message)", metadata: event.metadata ?? [:])
            recorder.recorded.withLock { $0.append(line) }
        }
    }
}
