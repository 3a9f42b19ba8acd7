import Foundation
import NIOPosix
import Synchronization

@testable import NotesVault

/// The command `notes-vault`, run as a process.
final class ServiceProcess: Sendable {
    private struct State {
        var output = ""
        var isEnded = false
        var waiting: [(text: String, continuation: CheckedContinuation<Bool, Never>)] = []
    }

    private let state = Mutex(State())
    private let exit = AsyncStream.makeStream(of: Int32.self)
    private let errors: String
    private let process = Process()

    /// Starts the command.
    init(_ arguments: [String], in folder: TemporaryFolder) throws {
        errors = folder.path + "/stderr-\(UUID().uuidString)"
        _ = FileManager.default.createFile(atPath: errors, contents: nil)
        process.executableURL = try Self.executable()
        process.arguments = arguments
        process.standardError = FileHandle(forWritingAtPath: errors)
        let pipe = Pipe()
        process.standardOutput = pipe
        let ended = exit.continuation
        process.terminationHandler = { process in
            ended.yield(process.terminationStatus)
            ended.finish()
        }
        try process.run()
        Thread { [self] in
            while case let data = pipe.fileHandleForReading.availableData, !data.isEmpty {
                take(String(decoding: data, as: UTF8.self))
            }
            end()
        }
        .start()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    /// What the process wrote to its standard error so far.
    var errorText: String {
        (try? String(contentsOfFile: errors, encoding: .utf8)) ?? ""
    }

    /// Waits until the output contains a text; says whether it did before the process ended.
    func waitForOutput(_ text: String) async -> Bool {
        await withCheckedContinuation { continuation in
            let answer: Bool? = state.withLock { state in
                if state.output.contains(text) { return true }
                if state.isEnded { return false }
                state.waiting.append((text, continuation))
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    /// Waits until the process serves and connects to it.
    func connect() async throws -> ReplayConnection {
        guard await waitForOutput("Serving http://127.0.0.1:") else { throw Failure(text: errorText) }
        let output = state.withLock(\.output)
        let address =
            output.split(separator: "Serving http://127.0.0.1:", maxSplits: 1, omittingEmptySubsequences: false).last
            ?? ""
        guard let port = Int(address.prefix(while: \.isNumber)) else { throw Failure(text: output) }
        return try await ReplayConnection.open(
            host: "127.0.0.1",
            port: port,
            group: .singletonMultiThreadedEventLoopGroup
        )
    }

    /// Sends a signal and waits for the end; the status is that of the exit, or the number of the signal.
    func stop(_ signal: Int32) async -> Int32 {
        kill(process.processIdentifier, signal)
        return await waitForExit()
    }

    /// Waits for the end by the process's own doing.
    func waitForExit() async -> Int32 {
        await exit.stream.first { _ in true } ?? -1
    }

    private func take(_ text: String) {
        resume(
            state.withLock { state in
                state.output += text
                let told = state.waiting.filter { state.output.contains($0.text) }
                state.waiting.removeAll { state.output.contains($0.text) }
                return told.map(\.continuation)
            },
            true
        )
    }

    private func end() {
        resume(
            state.withLock { state in
                state.isEnded = true
                defer { state.waiting = [] }
                return state.waiting.map(\.continuation)
            },
            false
        )
    }

    private func resume(_ continuations: [CheckedContinuation<Bool, Never>], _ answer: Bool) {
        for continuation in continuations { continuation.resume(returning: answer) }
    }

    /// The command stands beside the test bundle.
    private static func executable() throws -> URL {
        let bundles = Bundle.allBundles.map(\.bundleURL).filter { $0.pathExtension == "xctest" }
        let runner = URL(fileURLWithPath: CommandLine.arguments.first ?? "")
        let folders =
            bundles.map { $0.deletingLastPathComponent() } + [
                runner.deletingLastPathComponent(), Bundle.main.bundleURL,
            ]
        for folder in folders {
            let candidate = folder.appendingPathComponent("notes-vault")
            if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
        }
        throw Failure(text: "notes-vault was not found beside the tests in \(folders.map(\.path)); build it first")
    }

    struct Failure: Error {
        let text: String
    }
}
