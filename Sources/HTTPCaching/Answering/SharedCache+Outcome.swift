public import HTTPTypes

extension SharedCache {
    /// What to do with the origin's answer, RFC 9111, sections 3, 4.3.3 and 4.3.4.
    ///
    /// - Parameters:
    ///   - response: The head of the final response.
    ///   - forwarding: What was forwarded.
    ///   - now: When the head came.
    /// - Returns: What to do.
    public func outcome(
        of response: HTTPResponse,
        to forwarding: Forwarding,
        at now: HTTPMoment
    ) -> ResponseOutcome {
        let delay = now.uptime - forwarding.decidedAt.uptime
        if response.status == .notModified, forwarding.isValidation, let (index, stored) = forwarding.stored {
            return validated(stored, index, by: response, forwarding, delay: delay, at: now)
        }
        if Self.isFailure(response.status.code), let answer = staleAnswer(to: forwarding, at: now) {
            return .answerStale(answer)
        }
        let change = change(by: response, to: forwarding, delay: delay, at: now)
        var delivered = response
        HopByHopFields.remove(from: &delivered.headerFields)
        Self.date(&delivered, now.date)
        // Our own condition replaced the client's, which is answered here.
        if forwarding.isValidation, response.status == .ok,
            Self.isNotModified(forwarding.original, response.headerFields, receivedAt: now.date)
        {
            return .deliver(Self.notModified(delivered), change, sendsBody: false)
        }
        return .deliver(delivered, change, sendsBody: forwarding.original.method != .head)
    }

    /// The answer for a request that the origin did not answer: it could not be reached, or broke off before the head.
    ///
    /// - Parameters:
    ///   - forwarding: What was forwarded.
    ///   - now: The moment.
    /// - Returns: The stale response, or `nil` if none may be used.
    public func staleAnswer(to forwarding: Forwarding, at now: HTTPMoment) -> CachedAnswer? {
        guard let (index, stored) = forwarding.stored, !stored.needsValidation else { return nil }
        let wishes = configuration.obeysRequests ? RequestDirectives(forwarding.original.headerFields) : .init()
        let asked = Duration.seconds(stored.forbidsStale ? 0 : wishes.staleIfError ?? 0)
        let allowed = max(stored.staleIfError, asked)
        guard !wishes.noCache, .zero - stored.freshness(at: now) < allowed else { return nil }
        return answer(forwarding.original, stored, index, at: now)
    }

    /// What the answer means for the store: it goes in, or it shows that what is stored holds no longer.
    private func change(
        by response: HTTPResponse,
        to forwarding: Forwarding,
        delay: Duration,
        at now: HTTPMoment
    ) -> StoreChange {
        if let stored = storing(response, to: forwarding.original, delay: delay, at: now) { return .store(stored) }
        guard let (_, stored) = forwarding.stored, (200..<500).contains(response.status.code) else { return .keep }
        return forwarding.original.method == .head && Self.agrees(response, stored) ? .keep : .remove
    }

    /// Whether the answer to `HEAD` may be that of the response that is stored, RFC 9111, section 4.3.5.
    private static func agrees(_ response: HTTPResponse, _ stored: StoredResponse) -> Bool {
        guard response.status == stored.response.status else { return false }
        return [HTTPField.Name.eTag, .lastModified, .contentLength]
            .allSatisfy { name in
                guard let told = response.headerFields[name], let known = stored.response.headerFields[name] else {
                    return true
                }
                return told == known
            }
    }

    /// Statuses that count as a failure of the origin, RFC 5861, section 4.
    private static func isFailure(_ status: Int) -> Bool { [500, 502, 503, 504].contains(status) }

    private func validated(
        _ stored: StoredResponse,
        _ index: Int,
        by response: HTTPResponse,
        _ forwarding: Forwarding,
        delay: Duration,
        at now: HTTPMoment
    ) -> ResponseOutcome {
        guard Self.confirms(response, stored) else {
            var again = forwarding
            again.isValidation = false
            again.stored = nil
            again.request = forwarding.original
            HopByHopFields.remove(from: &again.request.headerFields)
            return .retry(again)
        }
        var merged = stored.response
        merged.headerFields[.date] = now.date.description
        Self.update(&merged.headerFields, from: response.headerFields)
        var updated = stored
        var change = StoreChange.keep
        if let storable = self.stored(merged, to: forwarding.original, delay: delay, at: now) {
            updated = storable
            updated.bodyLength = stored.bodyLength
            change = .store(updated)
        } else {
            // What holds may be used once, even if it may no longer be stored.
            updated.response = Self.storable(merged, ResponseDirectives(), at: now.date)
            updated.initialAge = .zero
            updated.receivedAt = now
            // What one user's credentials confirmed is no news about what all others may have.
            if !forwarding.original.headerFields.contains(.authorization) { change = .remove }
        }
        return .answer(answer(forwarding.original, updated, index, at: now), change)
    }

    /// Whether a 304 is about the response that is stored, RFC 9111, section 4.3.4.
    private static func confirms(_ response: HTTPResponse, _ stored: StoredResponse) -> Bool {
        guard let told = response.headerFields[.eTag].flatMap({ EntityTag(parsing: $0) }),
            let known = stored.entityTag.flatMap({ EntityTag(parsing: $0) })
        else { return true }
        return told.matchesWeakly(known)
    }

    /// Replaces the fields that a newer response has, RFC 9111, section 3.2.
    static func update(_ fields: inout HTTPFields, from newer: HTTPFields) {
        var newer = newer
        HopByHopFields.remove(from: &newer)
        // These tell how the stored body is to be read, which stays as it is.
        newer.removeAll { [.contentLength, .contentEncoding, .contentRange].contains($0.name) }
        let names = Set(newer.map(\.name))
        fields.removeAll { names.contains($0.name) }
        fields.append(contentsOf: newer)
    }
}
