package import HTTPTypes

extension SharedCache {
    /// The response as it is to be stored, or `nil` if it must not be, RFC 9111, section 3.
    ///
    /// - Parameters:
    ///   - response: The head of a final response.
    ///   - request: The request as the client sent it.
    ///   - delay: How long the response took.
    ///   - now: When it came.
    /// - Returns: The head with what the rules read from it; the length of the body is missing.
    package func storing(
        _ response: HTTPResponse,
        to request: HTTPRequest,
        delay: Duration,
        at now: HTTPMoment
    ) -> StoredResponse? {
        guard request.method == .get || showsWhatItMade(response, to: request, at: now),
            !RequestDirectives(request.headerFields).noStore
        else { return nil }
        return stored(response, to: request, delay: delay, at: now)
    }

    /// Whether the answer to `POST` is what `GET` would get from now on, RFC 9110, section 9.3.3: it says so by naming its
    /// own URL, and says how long it is fresh.
    private func showsWhatItMade(_ response: HTTPResponse, to request: HTTPRequest, at now: HTTPMoment) -> Bool {
        let fields = response.headerFields
        let key = ResourceKey(request)
        guard request.method == .post, (200..<300).contains(response.status.code),
            let location = fields[.contentLocation], key.resolving(location) == key
        else { return false }
        let (directives, isTargeted) = ResponseDirectives.reading(fields, targets: configuration.targetedFields)
        return Lifetime(of: response, directives, isTargeted: isTargeted, at: now.date, configuration).isExplicit
    }

    func stored(
        _ response: HTTPResponse,
        to request: HTTPRequest,
        delay: Duration,
        at now: HTTPMoment
    ) -> StoredResponse? {
        let fields = response.headerFields
        let (directives, isTargeted) = ResponseDirectives.reading(fields, targets: configuration.targetedFields)
        let lifetime = Lifetime(of: response, directives, isTargeted: isTargeted, at: now.date, configuration)
        guard Self.isComplete(response.status.code), allows(directives, response.status.code),
            isShareable(fields, directives, lifetime, to: request), let variant = Variant(of: fields, for: request)
        else { return nil }
        let grace = staleTimes(directives)
        let stored = StoredResponse(
            response: Self.storable(response, directives, at: now.date),
            variant: variant,
            groups: CacheGroups.read(fields, .cacheGroups),
            lifetime: .seconds(lifetime.seconds),
            initialAge: ResponseAge.initial(of: fields, delay: delay, at: now.date),
            receivedAt: now,
            staleWhileRevalidate: grace.whileRevalidate,
            staleIfError: grace.ifError,
            needsValidation: directives.noCache == .everything,
            forbidsStale: directives.forbidsStale || directives.sharedMaxAge != nil
        )
        return isUseful(stored, lifetime, directives) ? stored : nil
    }

    /// Partial content is not put together here, and a 304 is no response of its own.
    private static func isComplete(_ status: Int) -> Bool { status >= 200 && status != 206 && status != 304 }

    private func allows(_ directives: ResponseDirectives, _ status: Int) -> Bool {
        if directives.mustUnderstand { return Self.understoodStatuses.contains(status) }
        return !directives.noStore
    }

    /// The statuses whose rules of caching are implemented here, for `must-understand`.
    private static let understoodStatuses: Set<Int> = [
        200, 203, 204, 300, 301, 302, 303, 307, 308, 400, 401, 403, 404, 405, 410, 414, 500, 501, 502, 503, 504,
    ]

    /// Whether others than the client who asked may have the response.
    private func isShareable(
        _ fields: HTTPFields,
        _ directives: ResponseDirectives,
        _ lifetime: Lifetime,
        to request: HTTPRequest
    ) -> Bool {
        if directives.isPrivate == .everything { return false }
        if request.headerFields.contains(.authorization),
            !directives.isPublic, !directives.mustRevalidate, directives.sharedMaxAge == nil
        {
            return false
        }
        guard fields.contains(.setCookie), !directives.isPrivate.contains(.setCookie),
            !directives.noCache.contains(.setCookie) || directives.noCache == .everything
        else { return true }
        return configuration.setCookie == .withExplicitLifetime && lifetime.isExplicit
    }

    private func staleTimes(_ directives: ResponseDirectives) -> (whileRevalidate: Duration, ifError: Duration) {
        if directives.forbidsStale { return (.zero, .zero) }
        // A shared maximum forbids stale use too, unless the response allows it in so many words.
        let otherwise = directives.sharedMaxAge == nil ? configuration.staleIfError : .zero
        return (
            .seconds(directives.staleWhileRevalidate ?? 0), directives.staleIfError.map { .seconds($0) } ?? otherwise
        )
    }

    private func isUseful(_ stored: StoredResponse, _ lifetime: Lifetime, _ directives: ResponseDirectives) -> Bool {
        if case .unknown = lifetime { return stored.needsValidation && stored.hasValidator }
        if stored.needsValidation { return stored.hasValidator }
        return stored.lifetime > stored.initialAge || stored.hasValidator || stored.staleIfError > .zero
            || stored.staleWhileRevalidate > .zero
    }

    /// The head without what must not be stored, RFC 9111, section 3.1.
    static func storable(
        _ response: HTTPResponse,
        _ directives: ResponseDirectives,
        at now: HTTPDate
    ) -> HTTPResponse {
        var response = response
        date(&response, now)
        HopByHopFields.remove(from: &response.headerFields)
        response.headerFields.removeAll { field in
            field.name == .age || Self.isListed(field.name, directives.isPrivate)
                || Self.isListed(field.name, directives.noCache)
        }
        return response
    }

    /// Says when the response came if its origin has no clock, RFC 9110, section 6.6.1.
    static func date(_ response: inout HTTPResponse, _ now: HTTPDate) {
        if !response.headerFields.contains(.date) { response.headerFields[.date] = now.description }
    }

    private static func isListed(_ name: HTTPField.Name, _ scope: ResponseDirectives.Scope) -> Bool {
        scope != .everything && scope.contains(name)
    }
}
