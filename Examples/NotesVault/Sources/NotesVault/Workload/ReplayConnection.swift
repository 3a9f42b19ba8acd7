import NIOCore
import NIOHTTP1
import NIOPosix

/// One keep-alive connection to a server on this machine: a request, its answer, the next request.
final class ReplayConnection: Sendable {
    /// The answer to a request.
    struct Answer: Sendable {
        let status: Int
        let body: ByteBuffer
    }

    private let channel: any Channel
    private let host: String

    /// Where the server listens.
    let port: Int

    private init(channel: any Channel, host: String, port: Int) {
        self.channel = channel
        self.host = "\(host):\(port)"
        self.port = port
    }

    /// Connects.
    static func open(host: String, port: Int, group: any EventLoopGroup) async throws -> ReplayConnection {
        let bootstrap = ClientBootstrap(group: group)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(AnswerHandler())
                }
            }
        do {
            let channel = try await bootstrap.connect(host: host, port: port).get()
            return ReplayConnection(channel: channel, host: host, port: port)
        } catch {
            throw VaultError(.replay, "The replay cannot connect to \(host):\(port).", underlyingError: error)
        }
    }

    /// Sends a request and waits for the whole answer.
    func execute(_ method: HTTPMethod, _ path: String, body: String = "") async throws -> Answer {
        try await execute(method, path, body: channel.allocator.buffer(string: body))
    }

    /// Sends a request with any bytes and waits for the whole answer.
    func execute(_ method: HTTPMethod, _ path: String, body: ByteBuffer) async throws -> Answer {
        let answer = channel.eventLoop.makePromise(of: Answer.self)
        var head = HTTPRequestHead(version: .http1_1, method: method, uri: path)
        head.headers.add(name: "Host", value: host)
        if body.readableBytes > 0 { head.headers.add(name: "Content-Length", value: "\(body.readableBytes)") }
        let request = PendingRequest(head: head, body: body, answer: answer)
        channel.writeAndFlush(request, promise: nil)
        return try await answer.futureResult.get()
    }

    /// Ends the connection.
    func close() async {
        try? await channel.close().get()
    }
}

/// A request and who waits for its answer.
private struct PendingRequest: Sendable {
    let head: HTTPRequestHead
    let body: ByteBuffer
    let answer: EventLoopPromise<ReplayConnection.Answer>
}

/// Writes requests in parts and puts answers together.
private final class AnswerHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = PendingRequest
    typealias OutboundOut = HTTPClientRequestPart

    private var waiting: EventLoopPromise<ReplayConnection.Answer>?
    private var status = 0
    private var body = ByteBuffer()

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let request = unwrapOutboundIn(data)
        guard context.channel.isActive else { return request.answer.fail(ChannelError.ioOnClosedChannel) }
        waiting = request.answer
        context.write(wrapOutboundOut(.head(request.head)), promise: nil)
        if request.body.readableBytes > 0 {
            context.write(wrapOutboundOut(.body(.byteBuffer(request.body))), promise: nil)
        }
        context.write(wrapOutboundOut(.end(nil)), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            status = Int(head.status.code)
            body = ByteBuffer()
        case .body(var bytes):
            if body.readableBytes == 0 { body = bytes } else { body.writeBuffer(&bytes) }
        case .end:
            waiting?.succeed(ReplayConnection.Answer(status: status, body: body))
            waiting = nil
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        waiting?.fail(error)
        waiting = nil
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        waiting?.fail(ChannelError.ioOnClosedChannel)
        waiting = nil
        context.fireChannelInactive()
    }
}
