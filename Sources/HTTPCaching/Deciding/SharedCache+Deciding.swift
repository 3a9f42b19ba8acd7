public import HTTPTypes

extension SharedCache {
    /// What to do with a request, RFC 9111, section 4.
    ///
    /// - Parameters:
    ///   - request: The request as it came.
    ///   - stored: The responses that are stored under its URL.
    ///   - now: The moment.
    /// - Returns: What to do.
    /// - Complexity: O(stored responses).
    public func decision(for request: HTTPRequest, among stored: [StoredResponse], at now: HTTPMoment) -> CacheDecision
    {
        guard request.method == .get || request.method == .head else {
            return .forward(forwarding(request, .method, at: now))
        }
        var wishes = RequestDirectives(request.headerFields)
        guard !Self.hasPrecondition(request), let index = selected(for: request, among: stored) else {
            if wishes.onlyIfCached { return .answerNotStored }
            return .forward(forwarding(request, missReason(request, stored), at: now))
        }
        if !configuration.obeysRequests {
            let onlyIfCached = wishes.onlyIfCached
            wishes = RequestDirectives()
            wishes.onlyIfCached = onlyIfCached
        }
        return decision(for: request, wishes, stored[index], index, at: now)
    }

    private func decision(
        for request: HTTPRequest,
        _ wishes: RequestDirectives,
        _ stored: StoredResponse,
        _ index: Int,
        at now: HTTPMoment
    ) -> CacheDecision {
        let freshness = stored.freshness(at: now)
        let isFresh = freshness > .zero && !stored.needsValidation
        let isWanted = Self.isFreshEnough(stored, wishes, freshness, at: now)
        if isFresh, isWanted { return .answer(answer(request, stored, index, at: now)) }
        if !stored.forbidsStale, !wishes.noCache, let staleness = wishes.maxStale,
            .zero - freshness <= .seconds(staleness), Self.isYoungEnough(stored, wishes, at: now)
        {
            return .answer(answer(request, stored, index, at: now))
        }
        if wishes.onlyIfCached { return .answerNotStored }
        let forwarding = validation(request, stored, index, isFresh ? .request : .stale, at: now)
        if isWanted, !stored.needsValidation, .zero - freshness < stored.staleWhileRevalidate {
            var whole = request
            whole.method = .get
            Self.removeConditions(from: &whole)
            return .answerAndRevalidate(
                answer(request, stored, index, at: now),
                validation(whole, stored, index, .stale, at: now)
            )
        }
        return .forward(forwarding)
    }

    private static func isFreshEnough(
        _ stored: StoredResponse,
        _ wishes: RequestDirectives,
        _ freshness: Duration,
        at now: HTTPMoment
    ) -> Bool {
        if wishes.noCache { return false }
        if let minimum = wishes.minFresh, freshness < .seconds(minimum) { return false }
        return isYoungEnough(stored, wishes, at: now)
    }

    private static func isYoungEnough(_ stored: StoredResponse, _ wishes: RequestDirectives, at now: HTTPMoment) -> Bool
    {
        wishes.maxAge.map { stored.age(at: now) <= .seconds($0) } ?? true
    }

    private func missReason(_ request: HTTPRequest, _ stored: [StoredResponse]) -> Forwarding.Reason {
        if Self.hasPrecondition(request) { return .bypass }
        if !stored.isEmpty { return .varyMiss }
        return request.headerFields.contains(.range) ? .partial : .uriMiss
    }

    private func forwarding(_ request: HTTPRequest, _ reason: Forwarding.Reason, at now: HTTPMoment) -> Forwarding {
        var forwarded = request
        HopByHopFields.remove(from: &forwarded.headerFields)
        return Forwarding(reason: reason, original: request, request: forwarded, decidedAt: now)
    }

    /// The request that asks the origin if the stored response still holds, RFC 9111, section 4.3.1.
    private func validation(
        _ request: HTTPRequest,
        _ stored: StoredResponse,
        _ index: Int,
        _ reason: Forwarding.Reason,
        at now: HTTPMoment
    ) -> Forwarding {
        var forwarding = forwarding(request, reason, at: now)
        forwarding.stored = (index, stored)
        guard stored.hasValidator, stored.bodyLength != nil else { return forwarding }
        forwarding.isValidation = true
        // The client's own conditions are answered from what the origin says to ours.
        forwarding.request.headerFields[.ifNoneMatch] = stored.entityTag
        forwarding.request.headerFields[.ifModifiedSince] = stored.lastModified
        return forwarding
    }

    /// `If-Match` and `If-Unmodified-Since` are for the origin: a cache cannot know that nothing has changed.
    private static func hasPrecondition(_ request: HTTPRequest) -> Bool {
        request.headerFields.contains(.ifMatch) || request.headerFields.contains(.ifUnmodifiedSince)
    }

    static func isConditional(_ request: HTTPRequest) -> Bool {
        let fields = request.headerFields
        return fields.contains(.ifNoneMatch) || fields.contains(.ifModifiedSince) || hasPrecondition(request)
    }

    static func removeConditions(from request: inout HTTPRequest) {
        let names: [HTTPField.Name] = [
            .ifNoneMatch, .ifModifiedSince, .ifMatch, .ifUnmodifiedSince, .ifRange, .range,
        ]
        request.headerFields.removeAll { names.contains($0.name) }
    }
}
