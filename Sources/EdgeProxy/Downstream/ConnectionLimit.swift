import NIOCore

/// Leaves further connections in the system's queue while as many are open as there may be.
final class ConnectionLimit: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel
    typealias OutboundIn = Never

    private let limit: Int
    private var open = 0
    private var isWaiting = false

    init(_ limit: Int) {
        self.limit = limit
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        open += 1
        let box = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        unwrapInboundIn(data).closeFuture.hop(to: context.eventLoop)
            .whenComplete { _ in
                let (handler, context) = box.value
                handler.closed(context)
            }
        context.fireChannelRead(data)
    }

    private func closed(_ context: ChannelHandlerContext) {
        open -= 1
        guard isWaiting, open < limit else { return }
        isWaiting = false
        context.read()
    }

    func read(context: ChannelHandlerContext) {
        if open < limit { context.read() } else { isWaiting = true }
    }
}
