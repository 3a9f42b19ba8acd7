import HTTPTypes
import NIOCore
import NIOHTTP1

/// What wants to know what comes over a connection to the origin.
protocol UpstreamListener: AnyObject {
    func upstream(interim head: HTTPResponseHead)
    func upstream(head: HTTPResponseHead)
    func upstream(body: ByteBuffer)
    func upstreamEnded()
    func upstreamFailed(_ error: any Error)
    /// Whether more of the body may come.
    var mayRead: Bool { get }
}

/// A connection to the origin, which serves one request at a time.
final class UpstreamConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private weak var pool: UpstreamPool?
    private let timeout: TimeAmount
    private var context: ChannelHandlerContext?
    private weak var listener: (any UpstreamListener)?
    private var isBusy = false
    private var hasSentAll = false
    private var hasHead = false
    private var mayKeep = true
    private var timer: Scheduled<Void>?
    /// Whether it has served a request already: the origin may just be closing it.
    private(set) var isUsed = false

    init(pool: UpstreamPool, timeout: Duration) {
        self.pool = pool
        self.timeout = .nanoseconds(Int64(timeout / .nanoseconds(1)))
    }

    var isOpen: Bool { context?.channel.isActive ?? false }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    // MARK: Sending

    func send(_ head: HTTPRequestHead, listener: any UpstreamListener) {
        self.listener = listener
        isBusy = true
        hasSentAll = false
        hasHead = false
        mayKeep = true
        startTimer()
        context?.write(wrapOutboundOut(.head(head)), promise: nil)
    }

    func send(body: ByteBuffer) {
        startTimer()
        context?.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    }

    func sendEnd() {
        hasSentAll = true
        context?.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context?.read()
    }

    /// Asks for what comes before all of the request is sent: an origin may answer early.
    func read() { context?.read() }

    var isWritable: Bool { context?.channel.isWritable ?? true }

    func close() {
        listener = nil
        timer?.cancel()
        context?.close(promise: nil)
    }

    // MARK: Receiving

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        startTimer()
        switch unwrapInboundIn(data) {
        case .head(let head) where head.status.code < 200:
            // Nothing was upgraded that could be switched to.
            if head.status == .switchingProtocols {
                fail(EdgeProxyError(.originBroke, "The origin switched to another protocol without being asked to."))
            } else {
                listener?.upstream(interim: head)
            }
        case .head(let head):
            hasHead = true
            mayKeep = head.isKeepAlive
            listener?.upstream(head: head)
        case .body(let body): listener?.upstream(body: body)
        case .end: end()
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if !isBusy || (listener?.mayRead ?? false) { context.read() }
    }

    private func end() {
        timer?.cancel()
        let ended = listener
        listener = nil
        isBusy = false
        isUsed = true
        if mayKeep, hasSentAll { pool?.giveBack(self) } else { close() }
        ended?.upstreamEnded()
    }

    func channelInactive(context: ChannelHandlerContext) {
        pool?.forget(self)
        fail(EdgeProxyError(.originBroke, "The origin closed the connection before its response was complete."))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(EdgeProxyError(.originBroke, "The origin's response cannot be read.", underlyingError: error))
    }

    private func fail(_ error: EdgeProxyError) {
        timer?.cancel()
        let failed = listener
        listener = nil
        isBusy = false
        context?.close(promise: nil)
        failed?.upstreamFailed(error)
    }

    /// The origin may be silent for so long, while it is waited for.
    private func startTimer() {
        timer?.cancel()
        timer = context?.eventLoop.assumeIsolated()
            .scheduleTask(in: timeout) { [weak self] in
                guard let self, self.isBusy else { return }
                guard self.listener?.mayRead ?? true else { return self.startTimer() }
                self.fail(EdgeProxyError(.originTimedOut, "The origin was silent for too long."))
            }
    }
}
