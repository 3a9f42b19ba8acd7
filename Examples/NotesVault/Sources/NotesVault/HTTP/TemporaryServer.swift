import Hummingbird
import Logging
import ServiceLifecycle

/// A server that lives as long as a piece of work.
enum TemporaryServer {
    /// Serves on a free port while something runs, and stops in good order.
    ///
    /// - Parameters:
    ///   - router: What answers the requests.
    ///   - host: The address to listen on.
    ///   - logger: Where the server logs to.
    ///   - body: What to do meanwhile; it is given the port.
    /// - Returns: What `body` returns.
    /// - Throws: What `body` throws, or the error that kept the server from listening.
    static func run<Result: Sendable>(
        _ router: NotesRouter,
        host: String,
        logger: Logger,
        _ body: (_ port: Int) async throws -> Result
    ) async throws -> Result {
        let (ports, announcement) = AsyncStream.makeStream(of: Int.self)
        let application = Application(
            router: router.build(),
            configuration: .init(address: .hostname(host, port: 0)),
            onServerRunning: { channel in announcement.yield(channel.localAddress?.port ?? 0) },
            logger: logger
        )
        let group = ServiceGroup(configuration: .init(services: [application], logger: logger))
        return try await withThrowingTaskGroup(of: Void.self) { server in
            server.addTask {
                defer { announcement.finish() }
                try await group.run()
            }
            guard let port = await ports.first(where: { _ in true }) else {
                try await server.waitForAll()
                throw CancellationError()
            }
            let result = try await body(port)
            await group.triggerGracefulShutdown()
            try await server.waitForAll()
            return result
        }
    }
}
