import Foundation

/// A node in a process of its own.
struct WorkerProcess {
    private let process = Process()

    /// Starts the program that runs now, with other arguments.
    init(_ arguments: [String]) throws {
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        #if !os(Linux)
        process.executableURL = Bundle.main.executableURL
        #endif
        process.arguments = arguments
        try process.run()
    }

    var isRunning: Bool { process.isRunning }

    /// Holds the process up for a while, as a machine does that swaps or moves.
    func stop(for duration: Duration) async throws {
        kill(process.processIdentifier, SIGSTOP)
        try await Task.sleep(for: duration)
        kill(process.processIdentifier, SIGCONT)
    }

    /// How the process ended.
    var status: Int32 { process.terminationStatus }
}
