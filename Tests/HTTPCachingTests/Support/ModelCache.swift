import HTTPCaching
import HTTPTypes

/// The smallest server that goes by the rules: it keeps responses in a dictionary and has a clock that tests move.
struct ModelCache {
    struct Origin {
        var status = 200
        var fields: [(String, String)] = []
        var body = "the body"
        /// The origin answers 304 to any condition.
        var confirms = false
    }

    struct Reply {
        var response: HTTPResponse
        var body: String
        /// What the origin was asked.
        var asked: [HTTPRequest] = []
        var isFromCache: Bool { asked.isEmpty }

        subscript(name: String) -> String? { HTTPField.Name(name).flatMap { response.headerFields[$0] } }
    }

    let cache: SharedCache
    var now = HTTPMoment(date: HTTPDate(secondsSince1970: 1_800_000_000), uptime: .seconds(1_000))
    private var stored: [ResourceKey: [(head: StoredResponse, body: String)]] = [:]

    init(_ configuration: SharedCache.Configuration = SharedCache.Configuration()) {
        cache = SharedCache(configuration)
    }

    mutating func wait(_ seconds: Int64) {
        now.date.secondsSince1970 += seconds
        now.uptime += .seconds(seconds)
    }

    /// The date some seconds from now, as a field has it.
    func date(_ offset: Int64 = 0) -> String {
        HTTPDate(secondsSince1970: now.date.secondsSince1970 + offset).description
    }

    /// Sends a request through the cache, with `nil` for an origin that cannot be reached.
    mutating func send(
        _ method: String = "GET",
        _ path: String = "/",
        _ fields: [(String, String)] = [],
        to origin: Origin? = Origin()
    ) -> Reply {
        let request = HTTPRequest(
            method: HTTPRequest.Method(method) ?? .get,
            scheme: "http",
            authority: "example.org",
            path: path,
            headerFields: Self.fields(fields)
        )
        let key = ResourceKey(request)
        switch cache.decision(for: request, among: (stored[key] ?? []).map(\.head), at: now) {
        case .answer(let answer): return reply(answer, key)
        case .answerNotStored: return Reply(response: HTTPResponse(status: .gatewayTimeout), body: "")
        case .answerAndRevalidate(let answer, let forwarding):
            let reply = reply(answer, key)
            _ = forward(forwarding, key, origin)
            return reply
        case .forward(let forwarding): return forward(forwarding, key, origin)
        }
    }

    private mutating func forward(_ forwarding: Forwarding, _ key: ResourceKey, _ origin: Origin?) -> Reply {
        guard let origin else {
            var failed = Reply(response: HTTPResponse(status: .badGateway), body: "")
            if let answer = cache.staleAnswer(to: forwarding, at: now) { failed = reply(answer, key) }
            failed.asked = [forwarding.request]
            return failed
        }
        let fields = forwarding.request.headerFields
        let isConfirmed = origin.confirms && (fields.contains(.ifNoneMatch) || fields.contains(.ifModifiedSince))
        let response = HTTPResponse(
            status: isConfirmed ? .notModified : HTTPResponse.Status(code: origin.status),
            headerFields: Self.fields(origin.fields)
        )
        let invalidation = cache.invalidation(by: forwarding.original, response)
        for key in invalidation.keys { stored[key] = nil }
        stored = stored.mapValues { $0.filter { invalidation.groups.isDisjoint(with: $0.head.groups) } }
        var reply: Reply
        switch cache.outcome(of: response, to: forwarding, at: now) {
        case .deliver(let head, let change, let sendsBody):
            apply(change, forwarding, key, origin.body)
            reply = Reply(response: head, body: sendsBody ? origin.body : "")
        case .answer(let answer, let change):
            let body = stored[key]?[answer.index].body ?? ""
            reply = Reply(response: answer.response, body: Self.part(answer.body, of: body))
            apply(change, forwarding, key, body)
        case .answerStale(let answer): reply = self.reply(answer, key)
        case .retry(let again): reply = forward(again, key, origin)
        }
        reply.asked.insert(forwarding.request, at: 0)
        return reply
    }

    private mutating func apply(_ change: StoreChange, _ forwarding: Forwarding, _ key: ResourceKey, _ body: String) {
        switch change {
        case .keep: break
        case .remove: stored[key]?.removeAll { $0.head.variant.matches(forwarding.original) }
        case .store(var head):
            head.bodyLength = body.utf8.count
            stored[key, default: []].removeAll { $0.head.variant.matches(forwarding.original) }
            stored[key, default: []].append((head, body))
        }
    }

    private func reply(_ answer: CachedAnswer, _ key: ResourceKey) -> Reply {
        Reply(response: answer.response, body: Self.part(answer.body, of: stored[key]?[answer.index].body ?? ""))
    }

    private static func part(_ part: CachedAnswer.Body, of body: String) -> String {
        switch part {
        case .whole: body
        case .none: ""
        case .range(let range): String(decoding: Array(body.utf8)[range], as: UTF8.self)
        }
    }

    static func fields(_ pairs: [(String, String)]) -> HTTPFields {
        var fields = HTTPFields()
        for (name, value) in pairs {
            if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
        }
        return fields
    }
}
