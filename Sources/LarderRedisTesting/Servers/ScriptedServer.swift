import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import RESP

/// A server in this process that answers as a test tells it to: with garbage, with half of a reply, late, or never.
///
/// Commands that the script leaves alone, and that every connection begins with, are answered as a real server does.
///
/// ```swift
/// let server = try await ScriptedServer.start { request in
///     request.words.first == "GET" ? [.send("$5\r\nhel"), .close] : nil
/// }
/// ```
public final class ScriptedServer: Sendable {
    /// A command that came.
    public struct Request: Hashable, Sendable {
        /// The command and its arguments.
        public var words: [String]

        /// The number of the connection it came on; the first one is 1.
        public var connection: Int
    }

    /// What the server does about a command.
    public enum Action: Hashable, Sendable {
        /// Sends a text as it is.
        case send(String)
        /// Sends bytes as they are.
        case sendBytes([UInt8])
        /// Closes the connection once what was sent before is written.
        case close
    }

    /// Tells what to do about a command; an empty list is to hang, `nil` to answer as a real server does.
    public typealias Script = @Sendable (Request) -> [Action]?

    private struct State {
        var channels: [Int: any Channel] = [:]
        var connections = 0
    }

    /// The commands as they come, without those that begin a connection.
    public let requests: AsyncStream<Request>

    private let script: Script
    private let reporter: AsyncStream<Request>.Continuation
    private let state = NIOLockedValueBox(State())
    private let listener = NIOLockedValueBox<(any Channel)?>(nil)

    private init(script: @escaping Script) {
        self.script = script
        (requests, reporter) = AsyncStream.makeStream()
    }

    /// Begins to listen on a free port of the loopback interface.
    ///
    /// - Parameter script: Tells what to do about a command.
    /// - Returns: The server.
    /// - Throws: What kept it from listening.
    public static func start(script: @escaping Script = { _ in nil }) async throws -> ScriptedServer {
        let server = ScriptedServer(script: script)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ScriptedServerHandler(server))
                }
            }
            .bind(host: "127.0.0.1", port: 0)
            .get()
        server.listener.withLockedValue { $0 = channel }
        return server
    }

    /// The URL of the server.
    public var url: String {
        "redis://127.0.0.1:\(listener.withLockedValue { $0?.localAddress?.port } ?? 0)"
    }

    /// How many connections were made so far.
    public var connectionCount: Int { state.withLockedValue { $0.connections } }

    /// Sends bytes that no command asked for just now.
    ///
    /// - Parameters:
    ///   - text: The bytes.
    ///   - connection: The number of the connection; the first one is 1.
    public func send(_ text: String, to connection: Int) {
        state.withLockedValue { $0.channels[connection] }?.writeAndFlush(ByteBuffer(string: text), promise: nil)
    }

    /// Stops to listen and closes all connections.
    ///
    /// - Throws: What kept it from closing.
    public func close() async throws {
        let channels = state.withLockedValue { Array($0.channels.values) }
        for channel in channels { channel.close(promise: nil) }
        try await listener.withLockedValue { $0 }?.close()
        reporter.finish()
    }

    // MARK: Connections

    func opened(_ channel: any Channel) -> Int {
        state.withLockedValue { state in
            state.connections += 1
            state.channels[state.connections] = channel
            return state.connections
        }
    }

    func closed(_ connection: Int) {
        _ = state.withLockedValue { $0.channels.removeValue(forKey: connection) }
    }

    func actions(for request: Request) -> [Action] {
        defer { if !Self.isGreeting(request.words) { reporter.yield(request) } }
        return script(request) ?? [.send(Self.reply(to: request.words))]
    }

    private static func isGreeting(_ words: [String]) -> Bool { ["HELLO", "CLIENT", "SELECT"].contains(words[0]) }

    private static func reply(to words: [String]) -> String {
        switch words[0] {
        case "HELLO": "%1\r\n$5\r\nproto\r\n:3\r\n"
        case "PING": "+PONG\r\n"
        case "CLIENT", "SELECT", "SET": "+OK\r\n"
        case "GET": "_\r\n"
        default: "-ERR unknown command '\(words[0])'\r\n"
        }
    }
}

/// Parses commands and does what the script says.
private final class ScriptedServerHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let server: ScriptedServer
    private var parser = RESPParser()
    private var connection = 0

    init(_ server: ScriptedServer) {
        self.server = server
    }

    func channelActive(context: ChannelHandlerContext) {
        connection = server.opened(context.channel)
    }

    func channelInactive(context: ChannelHandlerContext) {
        server.closed(connection)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let commands = try? unwrapInboundIn(data)
            .withUnsafeReadableBytes { bytes in
                var position = 0
                var commands: [[String]] = []
                while let value = try parser.next(in: bytes, at: &position) {
                    commands.append((value.elements ?? []).compactMap(\.string))
                }
                return commands
            }
        for words in commands ?? [] where !words.isEmpty {
            for action in server.actions(for: .init(words: words, connection: connection)) {
                switch action {
                case .send(let text): write(ByteBuffer(string: text), context)
                case .sendBytes(let bytes): write(ByteBuffer(bytes: bytes), context)
                case .close: return context.close(promise: nil)
                }
            }
        }
    }

    private func write(_ buffer: ByteBuffer, _ context: ChannelHandlerContext) {
        context.writeAndFlush(NIOAny(buffer), promise: nil)
    }
}
