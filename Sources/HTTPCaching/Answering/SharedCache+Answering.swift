package import HTTPTypes

extension SharedCache {
    /// Makes an answer of a stored response: with its age, and as the request's conditions and range have it, RFC 9110,
    /// section 13.2.2.
    package func answer(
        _ request: HTTPRequest,
        _ stored: StoredResponse,
        _ index: Int,
        at now: HTTPMoment
    ) -> CachedAnswer {
        var answer = CachedAnswer(
            index: index,
            unaged: stored.response,
            age: min(stored.age(at: now).components.seconds, DeltaSeconds.maximum),
            body: request.method == .head ? .none : .whole,
            freshness: stored.freshness(at: now)
        )
        if stored.response.status == .ok {
            if Self.isNotModified(request, stored.response.headerFields, receivedAt: stored.receivedAt.date) {
                answer.unaged = Self.notModified(stored.response)
                answer.body = .none
            } else if request.method == .get, let length = stored.bodyLength {
                Self.narrow(&answer, to: request, length: length, receivedAt: stored.receivedAt.date)
            }
        }
        return answer
    }

    /// Whether the conditions of a request say that the client has the response already, RFC 9111, section 4.3.2.
    package static func isNotModified(_ request: HTTPRequest, _ fields: HTTPFields, receivedAt now: HTTPDate) -> Bool {
        let conditions = request.headerFields
        if conditions.contains(.ifNoneMatch) {
            let members = FieldList.members(of: conditions[values: .ifNoneMatch])
            if members == ["*"] { return true }
            guard let tag = fields[.eTag].flatMap({ EntityTag(parsing: $0) }) else { return false }
            return members.contains { EntityTag(parsing: $0).map(tag.matchesWeakly) ?? false }
        }
        guard let since = conditions[.ifModifiedSince].flatMap({ HTTPDate($0, now: now) }) else { return false }
        let made = fields[.lastModified] ?? fields[.date]
        return made.flatMap { HTTPDate($0, now: now) }.map { $0 <= since } ?? (now <= since)
    }

    /// The 304 for a response, with the fields that RFC 9110, section 15.4.5 asks for, and those that caches read.
    package static func notModified(_ response: HTTPResponse) -> HTTPResponse {
        let names: [HTTPField.Name] = [
            .cacheControl, .cdnCacheControl, .contentLocation, .date, .eTag, .expires, .lastModified, .setCookie, .vary,
        ]
        return HTTPResponse(
            status: .notModified,
            headerFields: HTTPFields(response.headerFields.filter { names.contains($0.name) })
        )
    }

    /// Answers a request for one range with that range, RFC 9110, section 14; to one for several the whole is an answer too.
    private static func narrow(
        _ answer: inout CachedAnswer,
        to request: HTTPRequest,
        length: Int,
        receivedAt now: HTTPDate
    ) {
        guard let range = ByteRange(request.headerFields), ifRangeHolds(request, answer.unaged, at: now) else {
            return
        }
        answer.unaged.headerFields[.contentLength] = nil
        guard let bytes = range.bytes(of: length) else {
            answer.unaged.status = .rangeNotSatisfiable
            answer.unaged.headerFields[.contentRange] = "bytes */\(length)"
            answer.unaged.headerFields[.contentType] = nil
            answer.body = .none
            return
        }
        answer.unaged.status = .partialContent
        answer.unaged.headerFields[.contentRange] = "bytes \(bytes.lowerBound)-\(bytes.upperBound - 1)/\(length)"
        answer.unaged.headerFields[.contentLength] = String(bytes.count)
        answer.body = .range(bytes)
    }

    /// Whether a range is of the representation that the client knows, RFC 9110, section 13.1.5.
    private static func ifRangeHolds(_ request: HTTPRequest, _ response: HTTPResponse, at now: HTTPDate) -> Bool {
        guard let condition = request.headerFields[.ifRange] else { return true }
        if condition.contains("\"") {
            guard let known = EntityTag(parsing: condition),
                let tag = response.headerFields[.eTag].flatMap({ EntityTag(parsing: $0) })
            else { return false }
            return tag.matchesStrongly(known)
        }
        guard let date = HTTPDate(condition, now: now) else { return false }
        return response.headerFields[.lastModified].flatMap { HTTPDate($0, now: now) } == date
    }
}
