import Foundation

/// Keeps the server and the client on processors of their own, so that the figures of clients compare.
///
/// The tools of util-linux do it; where they are not, nothing happens.
enum Processors {
    /// Moves all threads of this process to one processor; those that come later, and new processes, follow.
    static func move(to processor: Int) {
        guard ProcessInfo.processInfo.processorCount > 1 else { return }
        run("taskset", ["-a", "-c", "-p", "\(processor)", "\(getpid())"])
    }

    /// Gives this process and those it starts precedence over others, where the system lets it.
    static func takePrecedence() {
        run("chrt", ["-a", "-f", "-p", "5", "\(getpid())"])
    }

    private static func run(_ tool: String, _ arguments: [String]) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [tool] + arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return }
        process.waitUntilExit()
    }
}
