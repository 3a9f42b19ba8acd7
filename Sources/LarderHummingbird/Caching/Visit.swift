import HTTPCaching
import HTTPStoring
import HTTPTypes
import Hummingbird
import NIOCore

/// Makes a response by what follows the middleware.
typealias ResponseOrigin = (HTTPRequest) async throws -> Response

/// A request, and how answers to it are made.
struct Visit: Sendable {
    let cache: ResponseCache
    let head: HTTPRequest
    let key: ResourceKey
    /// Whether it has a body: what it gets may depend on that, which no key tells.
    let hasBody: Bool

    init(_ request: Request, _ cache: ResponseCache) {
        self.cache = cache
        head = request.head
        key = ResourceKey(request.head)
        let length = request.headers[.contentLength].flatMap { Int($0) } ?? 0
        hasBody = length > 0 || request.headers.contains(.transferEncoding)
    }

    /// An answer from the store.
    func reply(_ answer: CachedAnswer, _ resource: Resource?, forwarded: Forwarding.Reason? = nil) -> Response {
        let stored = resource?.entries[answer.index].body ?? ByteBuffer()
        var head = answer.response
        var status = CacheStatus(cache: cache.configuration.name ?? "")
        status.isHit = forwarded == nil
        status.forward = forwarded
        status.timeToLive = answer.freshness.components.seconds
        note(status, in: &head)
        switch answer.body {
        case .none:
            let isHead = self.head.method == .head && head.status != .notModified
            if isHead, !head.headerFields.contains(.contentLength) {
                head.headerFields[.contentLength] = String(stored.readableBytes)
            }
            return reply(head, ResponseBody())
        case .whole: return reply(head, ResponseBody(byteBuffer: stored))
        case .range(let range):
            let part = stored.getSlice(at: stored.readerIndex + range.lowerBound, length: range.count)
            return reply(head, ResponseBody(byteBuffer: part ?? ByteBuffer()))
        }
    }

    /// An answer with these fields and this body.
    func reply(_ head: HTTPResponse, _ body: ResponseBody) -> Response {
        var fields = head.headerFields
        if !cache.configuration.showsTags {
            for (name, _) in ResponseStore.tagFields { fields[name] = nil }
        }
        // A response to HEAD, or of 304, tells the length of a body that it has not.
        if self.head.method != .head, head.status != .notModified { fields[.contentLength] = nil }
        return Response(status: head.status, headers: fields, body: body)
    }

    /// Adds what the cache did to `Cache-Status`.
    func note(_ status: CacheStatus, in head: inout HTTPResponse) {
        guard cache.configuration.name != nil else { return }
        let earlier = head.headerFields[values: .cacheStatus].joined(separator: ", ")
        head.headerFields[.cacheStatus] = status.value(after: earlier)
    }
}
