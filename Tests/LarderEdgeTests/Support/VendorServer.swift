import MemoryCache
import NIOCore
import NIOPosix

/// A vendor in this process, which keeps what it is sent and answers what a test tells it to.
final class VendorServer: Sendable {
    enum Answer: Sendable {
        case reply(Int, [(String, String)] = [], String = "")
        /// No answer, and the connection stays open.
        case silence
        /// No answer, and the connection breaks.
        case cut
    }

    struct Received: Sendable {
        var method: String
        var target: String
        var fields: [(name: String, value: String)]
        var body: String

        subscript(name: String) -> String? { fields.first { $0.name.lowercased() == name.lowercased() }?.value }
    }

    private struct State {
        var received: [Received] = []
        var answers: [Answer] = []
        var otherwise = Answer.reply(200)
    }

    private let state = Locked(State())
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let channel: Locked<(any Channel)?> = Locked(nil)

    /// Where it listens.
    var base: String { "http://127.0.0.1:\(port)" }
    var port: Int { channel.withLock { $0?.localAddress?.port ?? 0 } }

    var received: [Received] { state.withLock { $0.received } }

    func answer(_ answers: Answer..., otherwise: Answer = .reply(200)) {
        state.withLock { state in
            state.answers = answers
            state.otherwise = otherwise
        }
    }

    /// Starts a server, and stops it at the end.
    static func withServer<Result>(_ body: (VendorServer) async throws -> Result) async throws -> Result {
        let server = VendorServer()
        try await server.start()
        do {
            let result = try await body(server)
            try await server.stop()
            return result
        } catch {
            try? await server.stop()
            throw error
        }
    }

    private func start() async throws {
        let bound = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(server: self))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        channel.withLock { $0 = bound }
    }

    private func stop() async throws {
        try await channel.withLock { $0 }?.close()
        try await group.shutdownGracefully()
    }

    private func next(_ received: Received) -> Answer {
        state.withLock { state in
            state.received.append(received)
            return state.answers.isEmpty ? state.otherwise : state.answers.removeFirst()
        }
    }

    /// Reads requests byte by byte, since SwiftNIO's parser knows none of the methods that Varnish has.
    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let server: VendorServer
        private var text = ""

        init(server: VendorServer) {
            self.server = server
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            text += String(buffer: unwrapInboundIn(data))
            while let end = text.firstRange(of: "\r\n\r\n") {
                var request = Self.head(text[..<end.lowerBound])
                let length = request["Content-Length"].flatMap { Int($0) } ?? 0
                let rest = text[end.upperBound...]
                guard rest.utf8.count >= length else { return }
                request.body = String(decoding: rest.utf8.prefix(length), as: UTF8.self)
                text = String(decoding: rest.utf8.dropFirst(length), as: UTF8.self)
                answer(request, context)
            }
        }

        private static func head(_ text: Substring) -> Received {
            let lines = text.split(separator: "\r\n")
            let words = lines[0].split(separator: " ").map(String.init)
            let fields = lines.dropFirst()
                .map { line in
                    let name = line.prefix { $0 != ":" }
                    return (name: String(name), value: String(line.dropFirst(name.count + 1).drop { $0 == " " }))
                }
            return Received(method: words[0], target: words[1], fields: fields, body: "")
        }

        private func answer(_ request: Received, _ context: ChannelHandlerContext) {
            switch server.next(request) {
            case .silence: break
            case .cut: context.close(promise: nil)
            case .reply(let status, let fields, let body):
                var text = "HTTP/1.1 \(status) Answer\r\n"
                for (name, value) in fields { text += "\(name): \(value)\r\n" }
                text += "Content-Length: \(body.utf8.count)\r\n\r\n" + (request.method == "HEAD" ? "" : body)
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
            }
        }
    }
}
