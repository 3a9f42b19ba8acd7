import LarderTesting
import RESP

/// What goes wrong while the nodes work: processes are held up, connections are cut, and the server is killed.
struct Troubles {
    private let workers: [WorkerProcess]
    private let server: RedisServer?

    /// How often processes were held up, connections were cut, and the server was killed and started again.
    private(set) var stops = 0
    private(set) var cuts = 0
    private(set) var restarts = 0

    /// When that was, on the clock of the machine.
    private(set) var spans: [ClosedRange<Int64>] = []

    init(workers: [WorkerProcess], server: RedisServer?) {
        self.workers = workers
        self.server = server
    }

    /// Makes trouble until all processes have ended.
    mutating func make() async throws {
        while workers.contains(where: \.isRunning) {
            try await Task.sleep(for: .milliseconds(Int.random(in: 400...900)))
            let start = MachineTime.now
            switch (server, Int.random(in: 0..<10)) {
            case (let server?, 0..<6): try await cut(server)
            case (let server?, 6): try await restart(server)
            default: try await stop()
            }
            spans.append(start...MachineTime.now)
        }
    }

    /// Holds a process up.
    private mutating func stop() async throws {
        guard let worker = workers.filter(\.isRunning).randomElement() else { return }
        try await worker.stop(for: .milliseconds(Int.random(in: 100...1_900)))
        stops += 1
    }

    /// Cuts all connections to the server.
    private mutating func cut(_ server: RedisServer) async throws {
        let connection = try RESPConnection(RESPConfiguration(url: server.url))
        _ = try await connection.execute(RESPCommand("CLIENT", "KILL", "TYPE", "normal"))
        await connection.close()
        cuts += 1
    }

    /// Kills the server, which loses all it had, and starts it again after a while.
    private mutating func restart(_ server: RedisServer) async throws {
        server.kill()
        try await Task.sleep(for: .milliseconds(Int.random(in: 0...1_500)))
        try await server.start()
        restarts += 1
    }
}
