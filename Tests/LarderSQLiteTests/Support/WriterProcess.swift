import Foundation
import Subprocess
import SystemPackage
import Testing

/// The process `sqlite-store-writer`, and the lines it has written.
struct WriterProcess {
    private let kill: () throws -> Void
    private var output: SubprocessOutputSequence.Iterator
    private var buffer: [UInt8] = []

    /// Starts the process, hands it to a closure, and waits for its end; no thread waits meanwhile.
    static func run(
        _ arguments: String...,
        body: (inout WriterProcess) async throws -> Void
    ) async throws -> TerminationStatus {
        let command = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appending(path: "sqlite-store-writer")
        return
            try await Subprocess.run(
                .path(FilePath(command.path)),
                arguments: .init(arguments),
                input: .none,
                output: .sequence,
                error: .discarded
            ) { execution in
                var writer = WriterProcess(
                    kill: { try execution.send(signal: .kill) },
                    output: execution.standardOutput.makeAsyncIterator()
                )
                try await body(&writer)
            }
            .terminationStatus
    }

    /// Reads the next line, or `nil` after the last.
    ///
    /// A line that was cut off by a kill is dropped.
    mutating func nextLine() async throws -> String? {
        while true {
            if let end = buffer.firstIndex(of: 0x0A) {
                defer { buffer.removeSubrange(...end) }
                return String(decoding: buffer[..<end], as: UTF8.self)
            }
            guard let more = try await output.next() else { return nil }
            more.withUnsafeBytes { buffer += $0 }
        }
    }

    /// Kills the process, and returns the lines that it had written and nobody had read.
    mutating func killed() async throws -> [String] {
        try kill()
        var lines: [String] = []
        while let line = try await nextLine() { lines.append(line) }
        return lines
    }
}
