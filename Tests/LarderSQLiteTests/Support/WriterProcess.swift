import Foundation

/// The process `sqlite-store-writer`, and the lines it has written.
final class WriterProcess {
    private let process = Process()
    private let output = Pipe()
    private var buffer: [UInt8] = []

    init(_ arguments: String...) throws {
        process.executableURL = Self.buildFolder.appendingPathComponent("sqlite-store-writer")
        process.arguments = arguments
        process.standardOutput = output
        try process.run()
        // The end of the output is only seen when nobody else could write to it any more.
        try output.fileHandleForWriting.close()
    }

    /// Reads the next line, or `nil` after the last.
    ///
    /// A line that was cut off by a kill is dropped.
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

    func kill() {
        Foundation.kill(process.processIdentifier, SIGKILL)
    }

    /// Waits for the end of the process.
    func status() -> Int32 {
        process.waitUntilExit()
        return process.terminationStatus
    }

    private static var buildFolder: URL {
        #if os(macOS)
        let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") } ?? .main
        return bundle.bundleURL.deletingLastPathComponent()
        #else
        return Bundle.main.bundleURL
        #endif
    }
}
