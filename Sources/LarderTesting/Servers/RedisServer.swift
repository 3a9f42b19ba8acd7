import Foundation
import MemoryCache

/// A real `redis-server` process for one test, on a free port of the loopback interface and on a Unix socket.
///
/// It keeps nothing on disk but its socket, in a temporary folder. It is killed with the last reference, and also if
/// the process of the tests dies.
///
/// ```swift
/// let server = try await RedisServer.start()
/// let connection = try RESPConnection(RESPConfiguration(url: server.url))
/// ```
public final class RedisServer: Sendable {
    private struct State {
        var running: RedisServerProcess?
    }

    /// The port on the loopback interface.
    public let port: Int

    private let folder: String
    private let options: [String]
    private let state = Locked(State())

    /// Whether there is a `redis-server` to start.
    public static var isInstalled: Bool { executable != nil }

    static let executable: String? = {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
        return folders.map { "\($0)/redis-server" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }()

    private init(port: Int, options: [String]) throws {
        self.port = port
        self.options = options
        // Short, because the path of a socket may have no more than 107 bytes.
        folder = "/tmp/larder-redis-\(port)-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit {
        kill()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Starts a server and waits until it accepts connections.
    ///
    /// - Parameter options: Further options of `redis-server`, as in `["--requirepass", "secret"]`; `PORT` stands for
    ///   the port that the server is given.
    /// - Returns: The server.
    /// - Throws: ``RedisServerError`` if there is no `redis-server`, or if it does not start.
    public static func start(options: [String] = []) async throws -> RedisServer {
        var attempts = 0
        while true {
            let server = try RedisServer(port: try FreePort.find(), options: options)
            do {
                try await server.start()
                return server
            } catch {
                // Another process may have taken the port in the meantime.
                attempts += 1
                if attempts == 5 { throw error }
            }
        }
    }

    /// The URL of the port.
    public var url: String { "redis://127.0.0.1:\(port)" }

    /// The path of the Unix socket.
    public var socketPath: String { folder + "/socket" }

    /// Starts the server again on the same port and waits until it accepts connections; it is empty then.
    ///
    /// - Throws: ``RedisServerError`` if it does not start.
    public func start() async throws {
        guard let executable = Self.executable else { throw RedisServerError("redis-server is not installed") }
        let arguments = [
            "--port", "\(port)", "--bind", "127.0.0.1", "--unixsocket", socketPath, "--dir", folder,
            "--save", "", "--appendonly", "no", "--daemonize", "no", "--logfile", "",
        ]
        let further = options.map { $0 == "PORT" ? "\(port)" : $0 }
        let process = try await RedisServerProcess(executable: executable, arguments: arguments + further)
        state.withLock { $0.running = process }
    }

    /// Kills the server, as a crash would; its connections break.
    public func kill() {
        let process = state.withLock { state in
            defer { state.running = nil }
            return state.running
        }
        process?.kill()
    }

    /// Stops the server without breaking its connections, as if its machine hung.
    public func suspend() {
        state.withLock { $0.running }?.signal(SIGSTOP)
    }

    /// Lets a suspended server go on.
    public func resume() {
        state.withLock { $0.running }?.signal(SIGCONT)
    }
}

/// Why a server could not be started.
public struct RedisServerError: Error, CustomStringConvertible {
    /// What happened, with what the server said.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
