import Foundation
import MemoryCache

/// A worker, and the lines it has written.
final class WorkerProcess {
    private let process = Process()
    private let output = Pipe()
    private var buffer: [UInt8] = []

    init(_ arguments: [String]) throws {
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        #if !os(Linux)
        process.executableURL = Bundle.main.executableURL
        #endif
        process.arguments = arguments
        process.standardOutput = output
        try process.run()
        // The end of the output is only seen when nobody else could write to it any more.
        try output.fileHandleForWriting.close()
    }

    deinit {
        try? output.fileHandleForReading.close()
    }

    /// Reads the next line, or `nil` after the last; a line that was cut off by a kill is dropped.
    func nextLine() -> String? {
        while true {
            if let end = buffer.firstIndex(of: 0x0A) {
                defer { buffer.removeSubrange(...end) }
                return String(decoding: buffer[..<end], as: UTF8.self)
            }
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { return nil }
            buffer += data
        }
    }

    /// Kills the worker after a while, on another thread, so that its output is read meanwhile.
    func kill(after delay: Duration) {
        let identifier = process.processIdentifier
        DispatchQueue.global()
            .asyncAfter(deadline: .now() + delay / .seconds(1)) {
                Foundation.kill(identifier, SIGKILL)
            }
    }

    /// Waits for the end of the process.
    func status() -> Int32 {
        process.waitUntilExit()
        return process.terminationStatus
    }
}
