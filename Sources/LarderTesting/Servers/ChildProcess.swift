package import Foundation

/// A process that has of this one's open files only what it is given.
///
/// Made by `posix_spawn`. Foundation's `Process` now and then crashes while it looks for open files, of which tests have
/// many, and learns of an end by a pipe that the children of other tests hold open.
package final class ChildProcess: Sendable {
    /// The number of the process.
    package let id: pid_t

    /// Starts a command.
    ///
    /// - Parameters:
    ///   - executable: The path of the command.
    ///   - arguments: What it is given.
    ///   - input: What it reads; nothing by default.
    ///   - output: Where it writes output and errors; nowhere by default.
    /// - Throws: ``RedisServerError`` if the command cannot be run.
    package init(_ executable: String, _ arguments: [String], input: CInt? = nil, output: CInt? = nil) throws {
        let nowhere = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { close(nowhere) }
        #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        var attributes: posix_spawnattr_t?
        posix_spawnattr_init(&attributes)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_CLOEXEC_DEFAULT))
        #else
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        #endif
        posix_spawn_file_actions_init(&actions)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        for (target, descriptor) in [input, output, output].enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor ?? nowhere, CInt(target))
        }
        #if !canImport(Darwin)
        _ = Self.addClose?(&actions, 3)
        #endif
        let environment = ProcessInfo.processInfo.environment.map { "\($0)=\($1)" }
        var id = pid_t()
        let code = Self.withCStrings([executable] + arguments) { arguments in
            Self.withCStrings(environment) { posix_spawn(&id, executable, &actions, &attributes, arguments, $0) }
        }
        guard code == 0 else { throw RedisServerError("\(executable) does not start: error \(code)") }
        self.id = id
    }

    /// Whether it has not ended yet.
    package var isRunning: Bool {
        var end = siginfo_t()
        return waitid(P_PID, id_t(id), &end, WEXITED | WNOHANG | WNOWAIT) == 0 && end.si_signo == 0
    }

    /// Sends it a signal.
    package func signal(_ signal: CInt) { _ = Foundation.kill(id, signal) }

    /// Holds the thread until the process has ended.
    ///
    /// To be called once, after which its number may belong to another process.
    ///
    /// - Returns: The code with which it ended; -1 if a signal has ended it.
    @discardableResult
    package func waitForEnd() -> CInt {
        var status: CInt = 0
        while waitpid(id, &status, 0) < 0, errno == EINTR {}
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : -1
    }

    /// Waits until the process has ended, on a thread that nobody else needs.
    @discardableResult
    package func end() async -> CInt {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { [self] in continuation.resume(returning: waitForEnd()) }
        }
    }

    #if !canImport(Darwin)
    /// Adds that all files from one on are closed: a call of the C library that the overlay of Swift leaves out.
    private static let addClose = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np")
        .map { unsafeBitCast($0, to: AddClose.self) }

    private typealias AddClose = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, CInt) -> CInt
    #endif

    private static func withCStrings<Result>(
        _ strings: [String],
        _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let pointers = strings.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        return body(pointers + [nil])
    }
}
