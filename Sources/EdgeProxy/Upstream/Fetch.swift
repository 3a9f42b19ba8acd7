import HTTPCaching
import HTTPStoring
import HTTPTypes
import NIOCore
import NIOHTTP1

/// Who gets what a fetch brings.
protocol FetchConsumer: AnyObject {
    func fetch(interim head: HTTPResponseHead)
    func fetch(head: HTTPResponse, hasBody: Bool)
    func fetch(body: ByteBuffer)
    func fetchEnded()
    /// The answer is one from the cache: confirmed by the origin, or stale while that fails.
    func fetch(answer: CachedAnswer, from body: ByteBuffer, forwarded: FetchReport)
    /// There is no answer: not at all, or no further one.
    func fetchFailed(_ error: any Error)
    /// What is asked for may be stored by now: the request can be decided again.
    var canTakeMore: Bool { get }
}

/// What a fetch tells about itself, for `Cache-Status`.
struct FetchReport {
    var reason: Forwarding.Reason
    var status: Int?
    var isStored = false
}

/// One request to the origin: sends it, decides by the rules what becomes of the response, and stores what may be
/// stored while the client gets it.
///
/// It lives on one event loop, and ends even if the client is gone.
final class Fetch: UpstreamListener {
    private let shared: ProxyShared
    private let pool: UpstreamPool
    private let key: ResourceKey
    private let resource: Resource?
    private var forwarding: Forwarding
    private let client: String?
    private weak var consumer: (any FetchConsumer)?
    /// The number of the last purge before the request was sent.
    private var number: UInt64
    private var leadsFlight: Bool
    private var connection: UpstreamConnection?
    /// Parts of the request's body that came before there was a connection.
    private var waiting: [ByteBuffer] = []
    private var hasRequestBody: Bool
    private var isRequestComplete: Bool
    private var isTriedAgain = false
    private var hasAnswer = false
    private var storing: StoredResponse?
    private var stored = ByteBuffer()
    private var expectedLength: Int?
    private var sendsBody = true
    private(set) var report: FetchReport
    /// Keeps the fetch alive until it has ended.
    private var itself: Fetch?

    init(
        _ forwarding: Forwarding,
        key: ResourceKey,
        resource: Resource?,
        number: UInt64,
        leadsFlight: Bool,
        hasRequestBody: Bool,
        client: String?,
        consumer: (any FetchConsumer)?,
        pool: UpstreamPool,
        shared: ProxyShared
    ) {
        self.forwarding = forwarding
        self.key = key
        self.resource = resource
        self.number = number
        self.leadsFlight = leadsFlight
        self.hasRequestBody = hasRequestBody
        isRequestComplete = !hasRequestBody
        self.client = client
        self.consumer = consumer
        self.pool = pool
        self.shared = shared
        report = FetchReport(reason: forwarding.reason)
    }

    // MARK: The request

    func start() {
        itself = self
        connect(isFresh: false)
    }

    private func connect(isFresh: Bool) {
        pool.connection(isFresh: isFresh).assumeIsolated()
            .whenComplete { result in
                switch result {
                case .success(let connection): self.send(over: connection.value)
                case .failure(let error):
                    self.failed(
                        EdgeProxyError(.originUnreachable, "The origin cannot be reached.", underlyingError: error)
                    )
                }
            }
    }

    private func send(over connection: UpstreamConnection) {
        self.connection = connection
        connection.send(shared.requestHead(forwarding.request, hasBody: hasRequestBody, client: client), listener: self)
        let parts = waiting
        waiting = []
        for part in parts { connection.send(body: part) }
        if isRequestComplete { connection.sendEnd() } else { connection.read() }
    }

    /// Whether more of the request's body may come.
    var canTakeBody: Bool { connection?.isWritable ?? waiting.isEmpty }

    func send(body: ByteBuffer) {
        if let connection { connection.send(body: body) } else { waiting.append(body) }
    }

    func sendEnd() {
        isRequestComplete = true
        connection?.sendEnd()
    }

    /// The client is gone.
    ///
    /// What is being stored is still read to its end; all else ends here.
    func abandon() {
        consumer = nil
        if storing == nil || !isRequestComplete {
            connection?.close()
            end(.abandoned)
        } else {
            connection?.read()
        }
    }

    /// The client can take more.
    func resume() { connection?.read() }

    // MARK: The response

    var mayRead: Bool { consumer?.canTakeMore ?? true }

    func upstream(interim head: HTTPResponseHead) { consumer?.fetch(interim: head) }

    func upstream(head: HTTPResponseHead) {
        hasAnswer = true
        report.status = Int(head.status.code)
        let now = shared.clock.now()
        guard let response = Messages.response(head) else {
            connection?.close()
            return failed(EdgeProxyError(.originBroke, "The origin's response has fields that nobody may pass on."))
        }
        number = shared.store.apply(
            shared.rules.invalidation(by: forwarding.original, response),
            by: key,
            sentAt: number
        )
        switch shared.rules.outcome(of: response, to: forwarding, at: now) {
        case .deliver(let head, let change, let sendsBody):
            deliver(head, change, sendsBody: sendsBody, of: response, at: now)
        case .answer(let answer, let change): confirm(answer, change, at: now)
        case .answerStale(let answer):
            sendsBody = false
            answered(answer, .failed)
        case .retry(let again): askAgain(again)
        }
    }

    private func deliver(
        _ head: HTTPResponse,
        _ change: StoreChange,
        sendsBody: Bool,
        of response: HTTPResponse,
        at now: HTTPMoment
    ) {
        self.sendsBody = sendsBody
        expectedLength = response.headerFields[values: .contentLength].first.flatMap { Int($0) }
        let isTooLarge = expectedLength ?? 0 > shared.configuration.maximumStoredBody
        switch change {
        case .store(let stored) where !isTooLarge && !isAnswerToBody:
            storing = stored
            report.isStored = true
        case .store, .keep: land(.unshared)
        case .remove:
            shared.store.remove(forwarding.original, key, at: now)
            land(.unshared)
        }
        consumer?.fetch(head: head, hasBody: sendsBody && Self.hasBody(response, forwarding.original.method))
    }

    /// What a `GET` with a body gets may depend on that, which no key tells.
    private var isAnswerToBody: Bool { hasRequestBody && forwarding.original.method == .get }

    static func hasBody(_ response: HTTPResponse, _ method: HTTPRequest.Method) -> Bool {
        method != .head && response.status.code != 204 && response.status.code != 304
    }

    private func confirm(_ answer: CachedAnswer, _ change: StoreChange, at now: HTTPMoment) {
        sendsBody = false
        var landing = FlightBoard.Landing.unshared
        switch change {
        case .keep: break
        case .remove: shared.store.remove(forwarding.original, key, at: now)
        case .store(let head):
            guard let body = resource?.entries[answer.index].body else { break }
            report.isStored = true
            put(head, body, at: now)
            landing = head.answersOthers(at: now) ? .stored : .unshared
        }
        answered(answer, landing)
    }

    private func answered(_ answer: CachedAnswer, _ landing: FlightBoard.Landing) {
        let body = resource?.entries[answer.index].body ?? ByteBuffer()
        consumer?.fetch(answer: answer, from: body, forwarded: report)
        consumer = nil
        land(landing)
    }

    private func askAgain(_ again: Forwarding) {
        connection?.close()
        connection = nil
        forwarding = again
        connect(isFresh: false)
    }

    func upstream(body: ByteBuffer) {
        if storing != nil {
            if stored.readableBytes + body.readableBytes > shared.configuration.maximumStoredBody {
                storing = nil
                stored = ByteBuffer()
                land(.unshared)
            } else {
                stored.writeImmutableBuffer(body)
            }
        }
        if sendsBody { consumer?.fetch(body: body) }
    }

    func upstreamEnded() {
        var landing = FlightBoard.Landing.unshared
        if var head = storing, expectedLength.map({ $0 == stored.readableBytes }) ?? true {
            let now = shared.clock.now()
            head.bodyLength = stored.readableBytes
            put(head, stored, at: now)
            landing = head.answersOthers(at: now) ? .stored : .unshared
        }
        let consumer = consumer
        end(landing)
        consumer?.fetchEnded()
    }

    private func put(_ head: StoredResponse, _ body: ByteBuffer, at now: HTTPMoment) {
        let names = ResponseStore.names(of: head, key)
        let entry = Resource.Entry(
            head: head,
            body: body,
            names: names,
            number: number,
            headers: Messages.preparedHeaders(head.response, body, by: shared.configuration.name)
        )
        shared.store.store(entry, for: forwarding.original, key, at: now)
    }

    // MARK: Failure

    func upstreamFailed(_ error: any Error) {
        // An idle connection that the origin was just closing says nothing of the origin.
        if !hasAnswer, !isTriedAgain, connection?.isUsed == true, !hasRequestBody, isRepeatable {
            isTriedAgain = true
            connection = nil
            return connect(isFresh: true)
        }
        failed(error)
    }

    private var isRepeatable: Bool {
        [.get, .head, .options, .trace, .put, .delete].contains(forwarding.request.method)
    }

    private func failed(_ error: any Error) {
        if !hasAnswer, let answer = shared.rules.staleAnswer(to: forwarding, at: shared.clock.now()) {
            answered(answer, .failed)
            return end(.failed)
        }
        let consumer = consumer
        end(.failed)
        consumer?.fetchFailed(error)
    }

    private func end(_ landing: FlightBoard.Landing) {
        land(landing)
        consumer = nil
        connection = nil
        storing = nil
        itself = nil
    }

    private func land(_ landing: FlightBoard.Landing) {
        guard leadsFlight else { return }
        leadsFlight = false
        shared.flights.land(key, landing, now: shared.clock.now().uptime)
    }
}
