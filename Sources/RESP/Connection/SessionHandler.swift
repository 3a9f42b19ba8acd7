import NIOCore

/// Parses what arrives and hands it to the session, one lock and one burst of resumed tasks per read.
final class SessionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let session: Session
    private var parser: RESPParser
    private var values: [RESPValue] = []
    private var failure: RESPError?

    init(_ session: Session) {
        self.session = session
        parser = RESPParser(
            limits: ParserLimits(
                depth: session.configuration.maximumReplyDepth,
                replyBytes: session.configuration.maximumReplyBytes
            )
        )
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        session.loop.lastArrival = .now()
        guard failure == nil, session.loop.channel === context.channel else { return }
        do {
            try buffer.withUnsafeReadableBytes { bytes in
                var position = 0
                while let value = try parser.next(in: bytes, at: &position) { take(value) }
            }
        } catch {
            failure = error as? RESPError
        }
        if !values.isEmpty { session.receive(&values) }
        if let failure { session.channelClosed(context.channel, failure) }
    }

    @inline(__always)
    private func take(_ value: RESPValue) {
        guard let message = message(in: value) else { return values.append(value) }
        // Replies that came before the message are handed over before it.
        if !values.isEmpty { session.receive(&values) }
        session.onEvent?(.push(message))
    }

    @inline(__always)
    private func message(in value: RESPValue) -> [RESPValue]? {
        switch value {
        case .push(let elements): elements
        case .array(let elements) where session.receivesMessages && elements.first?.string != "pong": elements
        default: nil
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        session.channelClosed(context.channel, failure ?? .peerClosed)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        session.channelClosed(
            context.channel,
            RESPError(.connectionFailed, "the connection failed", underlyingError: error)
        )
    }
}

extension RESPError {
    static let peerClosed = RESPError(.connectionFailed, "the server closed the connection")
}
