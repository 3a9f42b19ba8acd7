import MemoryCache
import NIOCore
import NIOHTTP1
import NIOPosix

/// An origin in this process, which answers what a test tells it to.
final class ScriptedOrigin: Sendable {
    struct Answer: Sendable {
        var status = 200
        var fields: [(String, String)] = []
        var body = ""
        var delay: Duration = .zero
        /// Sent before the answer.
        var interim: Int?
        /// The connection breaks instead of an answer.
        var breaks = false
        /// Nothing is sent before this is so.
        var waits: (@Sendable () -> Bool)?
    }

    struct Received: Sendable {
        var head: HTTPRequestHead
        var body: String
    }

    typealias Script = @Sendable (Received) -> Answer

    private let script: Script
    private let log = Locked<[Received]>([])
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let channel = Locked<(any Channel)?>(nil)

    init(_ script: @escaping Script) {
        self.script = script
    }

    var received: [Received] { log.withLock { $0 } }
    var port: Int { channel.withLock { $0?.localAddress?.port ?? 0 } }

    func start() async throws {
        let bound = try await ServerBootstrap(group: group)
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: false)
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

    private func answer(_ received: Received) -> Answer {
        log.withLock { $0.append(received) }
        return script(received)
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let origin: ScriptedOrigin
        private var head: HTTPRequestHead?
        private var body = ""

        init(_ origin: ScriptedOrigin) {
            self.origin = origin
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): (self.head, body) = (head, "")
            case .body(let bytes): body += String(buffer: bytes)
            case .end:
                guard let head else { return }
                let answer = origin.answer(Received(head: head, body: body))
                let box = NIOLoopBound((self, context), eventLoop: context.eventLoop)
                let delay = TimeAmount.nanoseconds(Int64(answer.delay / .nanoseconds(1)))
                context.eventLoop.scheduleTask(in: delay) { Self.send(answer, to: head, box) }
            }
        }

        private static func send(
            _ answer: Answer,
            to head: HTTPRequestHead,
            _ box: NIOLoopBound<(Handler, ChannelHandlerContext)>
        ) {
            let (handler, context) = box.value
            guard let waits = answer.waits, !waits() else { return handler.send(answer, to: head, context) }
            context.eventLoop.scheduleTask(in: .milliseconds(2)) { send(answer, to: head, box) }
        }

        private func send(_ answer: Answer, to request: HTTPRequestHead, _ context: ChannelHandlerContext) {
            guard !answer.breaks else { return context.close(promise: nil) }
            if let interim = answer.interim {
                let head = HTTPResponseHead(
                    version: .http1_1,
                    status: .init(statusCode: interim),
                    headers: ["Link": "</a>"]
                )
                context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
            }
            var head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: answer.status))
            for (name, value) in answer.fields { head.headers.add(name: name, value: value) }
            let isBodiless = request.method == .HEAD || answer.status == 304 || answer.status == 204
            if !head.headers.contains(name: "Content-Length"), !isBodiless {
                head.headers.add(name: "Content-Length", value: String(answer.body.utf8.count))
            }
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            if !isBodiless {
                context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: answer.body)))), promise: nil)
            }
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
