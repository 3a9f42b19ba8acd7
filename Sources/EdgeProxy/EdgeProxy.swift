public import Logging
import NIOCore
import NIOExtras
import NIOPosix
public import ServiceLifecycle

/// A caching reverse proxy in front of one origin: RFC 9111 by `HTTPCaching`, on SwiftNIO.
///
/// A stored response is answered on the thread that read the request. The same requests that nothing stored answers become
/// one to the origin, and those whose answers are for one client alone do not wait for each other.
public final class EdgeProxy: Service {
    private let shared: ProxyShared
    private let group: MultiThreadedEventLoopGroup
    private let setup: ConnectionSetup
    private let started: @Sendable (Int) -> Void

    /// Makes a proxy, which listens once it is run.
    ///
    /// - Parameters:
    ///   - configuration: The settings.
    ///   - threads: How many threads serve connections, at least 1; `nil` for one per processor.
    ///   - logger: Gets what goes wrong.
    ///   - started: Is told the port once the proxy listens.
    /// - Throws: ``EdgeProxyError`` with the code `invalidConfiguration` for a setting out of its range.
    public convenience init(
        _ configuration: EdgeProxyConfiguration,
        threads: Int? = nil,
        logger: Logger = Logger(label: "larder.proxy"),
        started: @escaping @Sendable (Int) -> Void = { _ in }
    ) throws {
        try self.init(configuration, threads: threads, clock: .system, logger: logger, started: started)
    }

    init(
        _ configuration: EdgeProxyConfiguration,
        threads: Int?,
        clock: ProxyClock,
        logger: Logger,
        started: @escaping @Sendable (Int) -> Void
    ) throws {
        shared = try ProxyShared(configuration, clock: clock, logger: logger)
        group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, threads ?? System.coreCount))
        setup = try ConnectionSetup(shared: shared, pools: LoopPools(group: group, configuration: configuration))
        self.started = started
    }

    /// Serves until the task is cancelled, or a graceful shutdown begins, after which requests that have begun may end.
    public func run() async throws {
        let quiescing = ServerQuiescingHelper(group: group)
        let channel = try await bootstrap(quiescing, setup)
            .bind(host: shared.configuration.host, port: shared.configuration.port).get()
        started(channel.localAddress?.port ?? 0)
        let ended = group.any().makePromise(of: Void.self)
        await withTaskCancellationOrGracefulShutdownHandler {
            try? await channel.closeFuture.get()
            try? await ended.futureResult.get()
        } onCancelOrGracefulShutdown: { [group, shared] in
            let patience = shared.configuration.shutdownTimeout / .nanoseconds(1)
            // The shutdown may be over, and the threads with it, before the next line.
            group.any().scheduleTask(in: .nanoseconds(Int64(patience))) { ended.succeed() }
            quiescing.initiateShutdown(promise: ended)
        }
        try await group.shutdownGracefully()
    }

    private func bootstrap(_ quiescing: ServerQuiescingHelper, _ setup: ConnectionSetup) -> ServerBootstrap {
        let limit = shared.configuration.maximumConnections
        return ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1_024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(ConnectionLimit(limit))
                    try pipeline.addHandler(quiescing.makeServerChannelHandler(channel: channel))
                }
            }
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelInitializer { setup.setUp($0) }
    }
}

/// The pool of each event loop, made on first use and used on that loop alone.
final class LoopPools: @unchecked Sendable {
    // Safe to share: the dictionary never changes, and each pool is used on its own loop alone.
    private let pools: [ObjectIdentifier: UpstreamPool]

    init(group: any EventLoopGroup, configuration: EdgeProxyConfiguration) {
        var pools: [ObjectIdentifier: UpstreamPool] = [:]
        for loop in group.makeIterator() {
            pools[ObjectIdentifier(loop)] = UpstreamPool(eventLoop: loop, configuration: configuration)
        }
        self.pools = pools
    }

    func pool(of loop: any EventLoop) -> UpstreamPool {
        pools[ObjectIdentifier(loop)]
            ?? UpstreamPool(eventLoop: loop, configuration: .init(originHost: "", originPort: 0))
    }
}
