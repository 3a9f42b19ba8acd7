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
    /// What the process is.
    enum Role: Sendable {
        /// It keeps data.
        case server
        /// It watches a primary, by a configuration that it changes itself.
        case sentinel(configuration: String)
    }

    private struct State {
        var running: RedisServerProcess?
    }

    /// The port on the loopback interface.
    public let port: Int

    private let folder: String
    private let role: Role
    private let options: [String]
    private let state = Locked(State())

    /// Whether there is a `redis-server` to start.
    public static var isInstalled: Bool { executable != nil }

    static let executable: String? = {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
        return folders.map { "\($0)/redis-server" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }()

    private init(_ role: Role, port: Int, options: [String], files: [String: String]) throws {
        self.port = port
        self.role = role
        self.options = options
        // Short, because the path of a socket may have no more than 107 bytes.
        folder = "/tmp/larder-redis-\(port)-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (name, text) in files { try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)")) }
    }

    deinit {
        kill()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Starts a server and waits until it accepts connections.
    ///
    /// - Parameters:
    ///   - options: Further options of `redis-server`, as in `["--requirepass", "secret"]`; `PORT` stands for the port
    ///     that the server is given.
    ///   - files: Texts to put into its folder before it starts, by their names.
    /// - Returns: The server.
    /// - Throws: ``RedisServerError`` if there is no `redis-server`, or if it does not start.
    public static func start(options: [String] = [], files: [String: String] = [:]) async throws -> RedisServer {
        try await start(.server, options: options, files: files)
    }

    static func start(_ role: Role, options: [String] = [], files: [String: String] = [:]) async throws -> RedisServer {
        var attempts = 0
        while true {
            let server = try RedisServer(role, port: try FreePort.find(), options: options, files: files)
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

    /// Starts a server on a port that the caller has found.
    package static func start(onPort port: Int, options: [String], files: [String: String]) async throws -> RedisServer
    {
        let server = try RedisServer(.server, port: port, options: options, files: files)
        try await server.start()
        return server
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
        let process: RedisServerProcess
        switch role {
        case .server:
            let arguments = [
                "--port", "\(port)", "--bind", "127.0.0.1", "--unixsocket", socketPath, "--dir", folder,
                "--save", "", "--appendonly", "no", "--daemonize", "no", "--logfile", "",
            ]
            let further = options.map { $0 == "PORT" ? "\(port)" : $0 }
            process = try await RedisServerProcess(executable: executable, arguments: arguments + further)
        case .sentinel(let configuration):
            let file = folder + "/sentinel.conf"
            let text = "port \(port)\nbind 127.0.0.1\ndir \(folder)\n" + configuration
            try Data(text.utf8).write(to: URL(fileURLWithPath: file))
            process = try await RedisServerProcess(executable: executable, arguments: [file, "--sentinel"])
        }
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

    package init(_ description: String) {
        self.description = description
    }
}
