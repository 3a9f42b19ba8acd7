import LarderTesting
import MemoryCache
import NIOCore
import NIOHTTP1
import NIOPosix

/// An origin of numbered objects, each with a version and three tags.
final class ObjectOrigin: Sendable {
    private struct State {
        var versions: [Int]
        var fetches: [Int]
    }

    private let state: Locked<State>
    private let count: Int
    private let channel = Locked<(any Channel)?>(nil)

    /// Each tag is shared by about fifteen objects.
    let tagCount: Int

    init(count: Int) {
        self.count = count
        tagCount = max(3, count * 3 / 15)
        state = Locked(State(versions: Array(repeating: 0, count: count), fetches: Array(repeating: 0, count: count)))
    }

    var port: Int { channel.withLock { $0?.localAddress?.port ?? 0 } }
    var versions: [Int] { state.withLock { $0.versions } }
    var fetches: [Int] { state.withLock { $0.fetches } }

    /// Three different tags, drawn by chance and the same each time.
    func tags(of object: Int) -> [Int] {
        var generator = SplitMix64(seed: UInt64(object))
        var tags: [Int] = []
        while tags.count < 3 {
            let tag = Int.random(in: 0..<tagCount, using: &generator)
            if !tags.contains(tag) { tags.append(tag) }
        }
        return tags
    }

    /// Changes some objects.
    func change(_ objects: [Int]) {
        state.withLock { state in for object in objects { state.versions[object] += 1 } }
    }

    func start() async throws {
        let bound = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 1_024)
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(self))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        channel.withLock { $0 = bound }
    }

    private func fetch(_ object: Int) -> Int? {
        state.withLock { state in
            guard state.versions.indices.contains(object) else { return nil }
            state.fetches[object] += 1
            return state.versions[object]
        }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let origin: ObjectOrigin
        private var object = -1

        init(_ origin: ObjectOrigin) {
            self.origin = origin
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): object = Int(head.uri.dropFirst()) ?? -1
            case .body: break
            case .end:
                let version = origin.fetch(object)
                let body = ByteBuffer(string: version.map { String($0) } ?? "none")
                let tags = origin.tags(of: max(0, object)).map { "t-\($0)" }.joined(separator: " ")
                let headers: HTTPHeaders = [
                    "Content-Length": String(body.readableBytes), "xkey": tags,
                    "Cache-Control": version == nil ? "no-store" : "s-maxage=86400",
                ]
                let status: HTTPResponseStatus = version == nil ? .notFound : .ok
                let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
                context.write(wrapOutboundOut(.head(head)), promise: nil)
                context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }
}
