import Foundation
import MemoryCache
import Synchronization

/// One run of a server.
///
/// `@unchecked Sendable`: the file handle is set up in the initializer and only closed after it.
final class RedisServerProcess: @unchecked Sendable {
    private struct Output {
        var text = ""
        var isOver = false
        var waiting: CheckedContinuation<Int32, any Error>?
    }

    /// Runs the server beside a shell that kills it when the pipe to the shell is closed, as it is when this process
    /// ends, however it ends.
    private static let guardScript = #"""
        "$0" "$@" </dev/null &
        server=$!
        exec >/dev/null 2>&1
        cat
        kill -9 $server
        wait $server
        """#

    private let shell: ChildProcess
    private let leash: FileHandle
    private let output = Locked(Output())
    private let server: Locked<Int32> = Locked(0)
    private let hasEnded = Atomic(false)

    /// Starts the server and waits until it says that it is ready.
    init(executable: String, arguments: [String]) async throws {
        let (input, output) = (Pipe(), Pipe())
        leash = input.fileHandleForWriting
        for end in [input.fileHandleForWriting, output.fileHandleForReading] {
            _ = fcntl(end.fileDescriptor, F_SETFD, FD_CLOEXEC)
        }
        shell = try ChildProcess(
            "/bin/sh",
            ["-c", Self.guardScript, executable] + arguments,
            input: input.fileHandleForReading.fileDescriptor,
            output: output.fileHandleForWriting.fileDescriptor
        )
        try input.fileHandleForReading.close()
        try output.fileHandleForWriting.close()
        output.fileHandleForReading.readabilityHandler = { [weak self] handle in
            let data = handle.availableData
            if data.isEmpty { handle.readabilityHandler = nil }
            self?.take(data)
        }
        let pid = try await withCheckedThrowingContinuation { continuation in
            self.output.withLock { $0.waiting = continuation }
            take(nil)
        }
        server.withLock { $0 = pid }
    }

    deinit { kill() }

    /// Reads on until the line that says that the server is ready, which begins with the number of its process.
    private func take(_ data: Data?) {
        let (waiting, outcome): (CheckedContinuation<Int32, any Error>?, Result<Int32, any Error>?) =
            output.withLock { output in
                if let data {
                    output.text += String(decoding: data, as: UTF8.self)
                    output.isOver = output.isOver || data.isEmpty
                }
                guard let outcome = Self.outcome(of: output) else { return (nil, nil) }
                defer { output.waiting = nil }
                return (output.waiting, outcome)
            }
        if let outcome { waiting?.resume(with: outcome) }
    }

    private static func outcome(of output: Output) -> Result<Int32, any Error>? {
        if output.waiting == nil { return nil }
        let lines = output.text.split(separator: "\n")
        if lines.contains(where: { $0.contains("Can't bind") || $0.contains("Failed listening") }) || output.isOver {
            return .failure(RedisServerError("redis-server does not start: \(output.text)"))
        }
        let isReady: (Substring) -> Bool = {
            $0.contains("eady to accept connections") || $0.contains("+monitor master")
        }
        guard let ready = lines.first(where: isReady) else { return nil }
        guard let pid = Int32(ready.prefix { $0 != ":" }) else {
            return .failure(RedisServerError("redis-server says something else than expected: \(ready)"))
        }
        return .success(pid)
    }

    func signal(_ signal: Int32) {
        let pid = server.withLock { $0 }
        if pid > 0 { _ = Foundation.kill(pid, signal) }
    }

    /// Kills the server and waits until it is gone.
    func kill() {
        guard !hasEnded.exchange(true, ordering: .relaxed) else { return }
        signal(SIGKILL)
        // The end of the pipe may live on in a child of another test; a shell whose server is known needs no such sign.
        if server.withLock({ $0 }) > 0 { shell.signal(SIGKILL) }
        try? leash.close()
        shell.waitForEnd()
    }
}
