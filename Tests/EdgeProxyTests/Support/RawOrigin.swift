import MemoryCache
import NIOCore
import NIOPosix

/// An origin that sends any bytes, for what no server of HTTP would send.
final class RawOrigin: Sendable {
    private let reply: String
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let channel = Locked<(any Channel)?>(nil)
    private let count = Locked(0)

    /// Answers each request, which must have no body, with these bytes.
    init(_ reply: String) {
        self.reply = reply
    }

    var port: Int { channel.withLock { $0?.localAddress?.port ?? 0 } }
    /// How many requests came.
    var requests: Int { count.withLock { $0 } }

    func start() async throws {
        let bound = try await ServerBootstrap(group: group)
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(self))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        channel.withLock { $0 = bound }
    }

    func stop() async throws {
        try? await channel.withLock { $0 }?.close()
        try await group.shutdownGracefully()
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let origin: RawOrigin
        private var text = ""

        init(_ origin: RawOrigin) {
            self.origin = origin
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            text += String(buffer: unwrapInboundIn(data))
            while let end = text.firstRange(of: "\r\n\r\n") {
                text = String(text[end.upperBound...])
                origin.count.withLock { $0 += 1 }
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: origin.reply)), promise: nil)
            }
        }
    }
}
