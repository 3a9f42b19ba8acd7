import HTTPCaching
import HTTPStoring
import HTTPTypes
import Hummingbird
import LarderEdge
import NIOCore
import Synchronization

/// One run of the handler: decides by the rules what becomes of its response, and stores what may be stored.
///
/// Those who wait for it go on when it ends, however it does: also if its response is dropped before it is sent.
final class ResponseFlight: Sendable {
    private let visit: Visit
    private let resource: Resource?
    /// The number of the last purge before the handler began.
    private let number: UInt64
    private let leads: Atomic<Bool>

    init(_ visit: Visit, _ resource: Resource?, _ number: UInt64, leads: Bool) {
        self.visit = visit
        self.resource = resource
        self.number = number
        self.leads = Atomic(leads)
    }

    deinit { land(.abandoned) }

    private var cache: ResponseCache { visit.cache }

    func run(_ forwarding: Forwarding, by origin: ResponseOrigin) async throws
        -> Response
    {
        let response: Response
        do {
            response = try await origin(forwarding.request)
        } catch {
            land(.failed)
            guard Self.isFailure(error),
                let answer = cache.rules.staleAnswer(to: forwarding, at: cache.clock.now())
            else { throw error }
            return visit.reply(answer, resource, forwarded: forwarding.reason)
        }
        return try await take(response, forwarding, by: origin)
    }

    /// An error that stands for an answer such as 404 is no failure.
    private static func isFailure(_ error: any Error) -> Bool {
        guard let error = error as? any HTTPResponseError else { return !(error is CancellationError) }
        return error.status.code >= 500
    }

    private func take(
        _ response: Response,
        _ forwarding: Forwarding,
        by origin: ResponseOrigin
    ) async throws -> Response {
        let now = cache.clock.now()
        let number = cache.store.apply(
            cache.rules.invalidation(by: forwarding.original, response.head),
            by: visit.key,
            sentAt: number
        )
        var response = response
        let body = try await CollectedBody(&response, cache.configuration, forwarding.original)
        switch cache.rules.outcome(of: response.head, to: forwarding, at: now) {
        case .deliver(let head, let change, let sendsBody):
            return try await deliver(head, change, sendsBody ? body : body.silenced, forwarding, number)
        case .answer(let answer, let change): return confirm(answer, change, forwarding, number)
        case .answerStale(let answer):
            land(.failed)
            return visit.reply(answer, resource, forwarded: forwarding.reason)
        case .retry(let again): return try await run(again, by: origin)
        }
    }

    private func deliver(
        _ head: HTTPResponse,
        _ change: StoreChange,
        _ body: CollectedBody,
        _ forwarding: Forwarding,
        _ number: UInt64
    ) async throws -> Response {
        var (head, body) = (head, body)
        if forwarding.original.method == .get, head.status == .ok,
            SharedCache.isNotModified(forwarding.original, head.headerFields, receivedAt: cache.clock.now().date)
        {
            // The handler did not look at the client's conditions.
            head = SharedCache.notModified(head)
            body = body.silenced
        }
        var status = CacheStatus(cache: cache.configuration.name ?? "")
        status.forward = forwarding.reason
        guard case .store(let stored) = change, !visit.hasBody || forwarding.original.method != .get,
            body.mayFit(cache.configuration.maximumStoredBody)
        else {
            if case .remove = change { cache.store.remove(forwarding.original, visit.key, at: cache.clock.now()) }
            land(.unshared)
            visit.note(status, in: &head)
            return visit.reply(head, body.isSent ? body.body : ResponseBody())
        }
        status.isStored = true
        visit.note(status, in: &head)
        let keep: @Sendable (ByteBuffer?) -> Void = { [self] bytes in
            guard let bytes else { return land(.unshared) }
            put(stored, bytes, forwarding, number)
        }
        if let bytes = body.bytes {
            keep(bytes)
            return visit.reply(head, body.isSent ? ResponseBody(byteBuffer: bytes) : ResponseBody())
        }
        let limit = cache.configuration.maximumStoredBody
        guard body.isSent else {
            keep(try await body.body.collected(upTo: limit))
            return visit.reply(head, ResponseBody())
        }
        return visit.reply(head, body.body.copied(upTo: limit, keep))
    }

    private func confirm(
        _ answer: CachedAnswer,
        _ change: StoreChange,
        _ forwarding: Forwarding,
        _ number: UInt64
    ) -> Response {
        switch change {
        case .keep: land(.unshared)
        case .remove:
            cache.store.remove(forwarding.original, visit.key, at: cache.clock.now())
            land(.unshared)
        case .store(let head): put(head, resource?.entries[answer.index].body ?? ByteBuffer(), forwarding, number)
        }
        return visit.reply(answer, resource, forwarded: forwarding.reason)
    }

    private func put(_ head: StoredResponse, _ body: ByteBuffer, _ forwarding: Forwarding, _ number: UInt64) {
        let now = cache.clock.now()
        var head = head
        head.bodyLength = body.readableBytes
        let entry = Resource.Entry(
            head: head,
            body: body,
            names: ResponseStore.names(of: head, visit.key),
            number: number
        )
        cache.store.store(entry, for: forwarding.original, visit.key, at: now)
        land(head.answersOthers(at: now) ? .stored : .unshared)
    }

    private func land(_ landing: FlightBoard.Landing) {
        guard leads.exchange(false, ordering: .acquiringAndReleasing) else { return }
        cache.flights.land(visit.key, landing, now: cache.clock.now().uptime)
    }
}
