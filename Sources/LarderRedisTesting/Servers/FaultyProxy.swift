import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
public import RESP

/// Stands between clients and a server and hands on what they say, until it is told to spoil it.
///
/// ```swift
/// let proxy = try await FaultyProxy.start(before: server.endpoint)
/// let connection = try RESPConnection(RESPConfiguration(proxy.endpoint))
/// proxy.spoilNextReply(.cut)
/// ```
public final class FaultyProxy: Sendable {
    /// What is done to the next bytes of the server.
    public enum Fault: Hashable, Sendable {
        /// Half of them are handed on, then the connection is closed.
        case cut
        /// Bytes that are no RESP go in front of them.
        case garbage
    }

    private let faults = NIOLockedValueBox<[Fault]>([])
    private let listener: NIOLockedValueBox<(any Channel)?> = NIOLockedValueBox(nil)

    private init() {}

    /// Begins to listen on a free port of the loopback interface.
    ///
    /// - Parameter server: Where the server listens.
    /// - Returns: The proxy.
    /// - Throws: What kept it from listening.
    public static func start(before server: RESPEndpoint) async throws -> FaultyProxy {
        let proxy = FaultyProxy()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { proxy.join($0, with: server) }
            .bind(host: "127.0.0.1", port: 0)
            .get()
        proxy.listener.withLockedValue { $0 = channel }
        return proxy
    }

    /// Where the proxy listens.
    public var endpoint: RESPEndpoint {
        .tcp(host: "127.0.0.1", port: listener.withLockedValue { $0?.localAddress?.port } ?? 0)
    }

    /// Spoils the next bytes of the server, on whichever connection they come.
    ///
    /// - Parameter fault: What is done to them.
    public func spoilNextReply(_ fault: Fault) {
        faults.withLockedValue { $0.append(fault) }
    }

    /// Stops to listen; what is connected stays so.
    ///
    /// - Throws: What kept it from closing.
    public func close() async throws {
        try await listener.withLockedValue { $0 }?.close()
    }

    func takeFault() -> Fault? {
        faults.withLockedValue { $0.isEmpty ? nil : $0.removeFirst() }
    }

    private func join(_ client: any Channel, with server: RESPEndpoint) -> EventLoopFuture<Void> {
        guard case .tcp(let host, let port) = server else {
            return client.eventLoop.makeFailedFuture(RESPError(.invalidConfiguration, "a proxy stands before a port"))
        }
        return ClientBootstrap(group: client.eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ProxyHandler(to: client, spoiledBy: self))
                }
            }
            .connect(host: host, port: port)
            .flatMap { channel in
                client.eventLoop.makeCompletedFuture {
                    try client.pipeline.syncOperations.addHandler(ProxyHandler(to: channel, spoiledBy: nil))
                }
            }
    }
}

/// Hands on what arrives on one side of a proxy to the other.
private final class ProxyHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let other: any Channel
    private let proxy: FaultyProxy?

    init(to other: any Channel, spoiledBy proxy: FaultyProxy?) {
        self.other = other
        self.proxy = proxy
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        switch proxy?.takeFault() {
        case nil:
            other.writeAndFlush(buffer, promise: nil)
        case .garbage:
            other.writeAndFlush(ByteBuffer(string: "HTTP/1.1 400 Bad Request\r\n"), promise: nil)
            other.writeAndFlush(buffer, promise: nil)
        case .cut:
            let half = buffer.readSlice(length: (buffer.readableBytes + 1) / 2) ?? ByteBuffer()
            other.writeAndFlush(half).whenComplete { [other] _ in other.close(promise: nil) }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        other.close(promise: nil)
    }
}
