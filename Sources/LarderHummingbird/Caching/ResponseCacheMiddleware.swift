import HTTPCaching
import HTTPStoring
import HTTPTypes
public import Hummingbird
import NIOCore

/// Answers requests from a ``ResponseCache``, and stores what the handlers behind it answer, by RFC 9111.
///
/// Add it before the middleware and the routes whose responses it may store. What they say in `Cache-Control`,
/// `CDN-Cache-Control`, `Expires`, `ETag` and `Vary` decides; a response that says nothing of its lifetime is not stored.
/// Parallel requests that nothing stored answers run the handler once.
public struct ResponseCacheMiddleware<Context: RequestContext>: RouterMiddleware {
    let cache: ResponseCache

    /// Makes a middleware.
    ///
    /// - Parameter cache: The stored responses, which any number of routers may share.
    public init(_ cache: ResponseCache) {
        self.cache = cache
    }

    /// Answers a request, from the cache or by what follows.
    public func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let visit = Visit(request, cache)
        return try await answer(visit, mayWait: !visit.hasBody) { head in
            try await next(Request(head: head, body: request.body), context)
        }
    }

    private func answer(_ visit: Visit, mayWait: Bool, by origin: ResponseOrigin) async throws -> Response {
        let now = cache.clock.now()
        let number = cache.store.number
        let resource = visit.hasBody ? nil : cache.store.resource(visit.key, at: now)
        switch cache.rules.decision(for: visit.head, among: resource?.heads ?? [], at: now) {
        case .answer(let answer): return visit.reply(answer, resource)
        case .answerNotStored: return visit.reply(HTTPResponse(status: .gatewayTimeout), ResponseBody())
        case .answerAndRevalidate(let answer, let forwarding):
            // The first one that finds it stale makes it anew; all others have it at once.
            guard case .lead = cache.flights.joinSilently(visit.key, now: now.uptime) else {
                return visit.reply(answer, resource)
            }
            let flight = ResponseFlight(visit, resource, number, leads: true)
            return try await flight.run(forwarding, by: origin)
        case .forward(let forwarding):
            var leads = false
            if mayWait, forwarding.isShareable {
                switch await cache.flights.turn(of: visit.key, now: now.uptime) {
                case .lead: leads = true
                case .alone: break
                case .landed(let mayWait): return try await answer(visit, mayWait: mayWait, by: origin)
                }
            }
            return try await ResponseFlight(visit, resource, number, leads: leads).run(forwarding, by: origin)
        }
    }
}
