import HTTPCaching
import HTTPStoring
import HTTPTypes
import Logging
import NIOCore
import NIOHTTP1

/// One connection of a client.
final class ProxyHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = Never
    typealias OutboundOut = HTTPServerResponsePart

    let shared: ProxyShared
    let pool: UpstreamPool
    var context: ChannelHandlerContext?
    /// The request that is being answered.
    var exchange: Exchange?
    /// Where the client's messages are: the head came and the end did not.
    private var isReceiving = false
    private var isHalfClosed = false
    private var patience = Patience()
    private var timer: Scheduled<Void>?
    private var isQuiescing = false
    private var reader: RequestReader
    /// The address of the client.
    private let client: String?

    /// What is known of the request that is being answered.
    struct Exchange {
        var request: HTTPRequest
        var key: ResourceKey
        var isKeepAlive: Bool
        var isHTTP11: Bool
        var isHTTP2: Bool
        var fetch: Fetch?
        var status: CacheStatus
        var startedAt: Duration
        /// The status and the size of what was sent, for the access log.
        var sentStatus = 0
        var sentBytes = 0
        /// Whether the head of the answer was sent.
        var hasHead = false
        var hasBody = true
        var hasEnded = false
    }

    init(shared: ProxyShared, pool: UpstreamPool, scheme: String, client: String?) {
        self.client = client
        reader = RequestReader(scheme: scheme)
        self.shared = shared
        self.pool = pool
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        startTimer(shared.configuration.idleTimeout)
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    // MARK: The client's messages

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            isReceiving = true
            startTimer(shared.configuration.clientTimeout)
            begin(head)
        case .body(let body):
            startTimer(shared.configuration.clientTimeout)
            exchange?.fetch?.send(body: body)
        case .end:
            isReceiving = false
            patience.end()
            exchange?.fetch?.sendEnd()
            finishIfDone()
        }
    }

    private func begin(_ head: HTTPRequestHead) {
        guard let request = reader.request(head) else { return refuse(.badRequest) }
        guard (1...2).contains(head.version.major) else { return refuse(.httpVersionNotSupported) }
        guard head.method != .CONNECT else { return refuse(.notImplemented) }
        let key = ResourceKey(request)
        exchange = Exchange(
            request: request,
            key: key,
            isKeepAlive: head.isKeepAlive && !isQuiescing,
            isHTTP11: head.version.major == 2 || head.version.minor >= 1,
            isHTTP2: head.version.major == 2,
            status: CacheStatus(cache: shared.configuration.name),
            startedAt: shared.clock.now().uptime
        )
        if request.method.rawValue == "PURGE" {
            return answer(status: PurgeCommand.carryOut(request, key, shared))
        }
        let hasBody =
            head.headers.contains(name: "Transfer-Encoding")
            || (head.headers.first(name: "Content-Length").map { $0 != "0" } ?? false)
        if hasBody, head.headers.first(name: "Expect")?.lowercased() == "100-continue" {
            context?.writeAndFlush(wrapOutboundOut(.head(.init(version: .http1_1, status: .continue))), promise: nil)
        }
        decide(hasBody: hasBody, mayWait: true)
    }

    /// A request that no proxy may pass on; what follows it cannot be trusted.
    private func refuse(_ status: HTTPResponseStatus) {
        let fetch = exchange?.fetch
        exchange = nil
        fetch?.abandon()
        patience.end()
        guard let context else { return }
        var head = HTTPResponseHead(version: .http1_1, status: status)
        head.headers.add(name: "Content-Length", value: "0")
        head.headers.add(name: "Connection", value: "close")
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        let box = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in box.value.close(promise: nil) }
    }

    // MARK: Deciding

    /// Does what the rules say.
    ///
    /// - Parameters:
    ///   - hasBody: Whether the request has a body, and so goes to the origin whatever is stored.
    ///   - mayWait: Whether it may wait for the same request of somebody else.
    func decide(hasBody: Bool, mayWait: Bool) {
        guard let current = exchange else { return }
        let now = shared.clock.now()
        let number = shared.store.number
        let resource = hasBody ? nil : shared.store.resource(current.key, at: now)
        switch shared.rules.decision(for: current.request, among: resource?.heads ?? [], at: now) {
        case .answer(let answer):
            exchange?.status.isHit = true
            send(answer, resource?.entries[answer.index])
        case .answerAndRevalidate(let answer, let forwarding):
            exchange?.status.isHit = true
            send(answer, resource?.entries[answer.index])
            revalidate(forwarding, current.key, resource, number, now)
        case .answerNotStored: self.answer(status: .gatewayTimeout)
        case .forward(let forwarding):
            forward(forwarding, resource, number, hasBody: hasBody, mayWait: mayWait, now)
        }
    }

    private func forward(
        _ forwarding: Forwarding,
        _ resource: Resource?,
        _ number: UInt64,
        hasBody: Bool,
        mayWait: Bool,
        _ now: HTTPMoment
    ) {
        guard let key = exchange?.key, let context else { return }
        var leads = false
        if !hasBody, mayWait, forwarding.isShareable {
            let box = NIOLoopBound(self, eventLoop: context.eventLoop)
            let loop = context.eventLoop
            let turn = shared.flights.join(key, now: now.uptime) { mayWait in
                loop.execute { box.value.goOn(mayWait: mayWait) }
            }
            switch turn {
            case .wait: return
            case .lead: leads = true
            case .alone: break
            }
        }
        exchange?.status.forward = forwarding.reason
        let fetch = Fetch(
            forwarding,
            key: key,
            resource: resource,
            number: number,
            leadsFlight: leads,
            hasRequestBody: hasBody,
            client: client,
            consumer: self,
            pool: pool,
            shared: shared
        )
        exchange?.fetch = fetch
        fetch.start()
    }

    /// The same request of somebody else has been answered.
    private func goOn(mayWait: Bool) {
        guard exchange != nil, context != nil else { return }
        exchange?.status.isCollapsed = mayWait
        decide(hasBody: false, mayWait: mayWait)
    }

    /// Fetches anew what was just answered with something stale; one such fetch at a time is enough.
    private func revalidate(
        _ forwarding: Forwarding,
        _ key: ResourceKey,
        _ resource: Resource?,
        _ number: UInt64,
        _ now: HTTPMoment
    ) {
        guard case .lead = shared.flights.joinSilently(key, now: now.uptime) else { return }
        Fetch(
            forwarding,
            key: key,
            resource: resource,
            number: number,
            leadsFlight: true,
            hasRequestBody: false,
            client: client,
            consumer: nil,
            pool: pool,
            shared: shared
        )
        .start()
    }

    // MARK: The connection

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { exchange?.fetch?.resume() }
        context.fireChannelWritabilityChanged()
    }

    /// A client that sends faster than the origin takes is not read from meanwhile.
    func read(context: ChannelHandlerContext) {
        if isReceiving, let fetch = exchange?.fetch, !fetch.canTakeBody {
            let box = NIOLoopBound(self, eventLoop: context.eventLoop)
            context.eventLoop.scheduleTask(in: .milliseconds(5)) {
                if let context = box.value.context { box.value.read(context: context) }
            }
            return
        }
        context.read()
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        let fetch = exchange?.fetch
        if exchange?.hasEnded == false { note() }
        exchange = nil
        fetch?.abandon()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        shared.logger.debug("a client's connection failed", metadata: ["error": "\(error)"])
        // What cannot be parsed was answered before it came here.
        context.close(promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent {
            isQuiescing = true
            exchange?.isKeepAlive = false
            if exchange == nil, !isReceiving { context.close(promise: nil) }
        } else if let event = event as? ChannelEvent, event == .inputClosed, exchange == nil {
            context.close(promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// Tells the access log of the exchange, complete or not.
    func note() {
        guard let accessLog = shared.configuration.accessLog, let exchange else { return }
        accessLog(
            EdgeAccess(
                client: client ?? "",
                method: exchange.request.method.rawValue,
                url: exchange.key.url,
                status: exchange.sentStatus,
                bytes: exchange.sentBytes,
                duration: shared.clock.now().uptime - exchange.startedAt,
                cacheStatus: exchange.status.value()
            )
        )
    }

    /// Makes room for the next request once both sides have ended.
    func finishIfDone() {
        guard let current = exchange, current.hasEnded else { return }
        // A connection that is not kept is closed once its answer was written.
        guard current.isKeepAlive, !isReceiving else { return }
        exchange = nil
        startTimer(shared.configuration.idleTimeout)
    }

    private func startTimer(_ timeout: Duration) {
        if let moment = patience.begin(TimeAmount(timeout), now: .now()) { setTimer(at: moment) }
    }

    private func setTimer(at moment: NIODeadline) {
        timer?.cancel()
        timer = context?.eventLoop.assumeIsolated().scheduleTask(deadline: moment) { [weak self] in self?.timerFired() }
    }

    private func timerFired() {
        switch patience.timerFired(now: .now()) {
        case .wait: timer = nil
        case .setTimer(let moment): setTimer(at: moment)
        case .giveUp:
            timer = nil
            guard exchange == nil || isReceiving else { return }
            if isReceiving, exchange?.hasHead == false {
                refuse(.requestTimeout)
            } else {
                context?.close(promise: nil)
            }
        }
    }
}
