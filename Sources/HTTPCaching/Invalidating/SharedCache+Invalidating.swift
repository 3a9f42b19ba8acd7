public import HTTPTypes

extension SharedCache {
    /// What a request has changed, by the answer to it.
    ///
    /// An unsafe method that succeeds invalidates its own URL, and those that `Location` and `Content-Location` name if
    /// they are of the same origin: nobody may invalidate what belongs to others.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - response: The answer.
    /// - Returns: What must be stored no longer.
    public func invalidation(by request: HTTPRequest, _ response: HTTPResponse) -> ResourceInvalidation {
        var invalidation = ResourceInvalidation()
        guard !Self.isSafe(request.method), (200..<400).contains(response.status.code) else { return invalidation }
        let own = ResourceKey(request)
        invalidation.keys.insert(own)
        for name in [HTTPField.Name.location, .contentLocation] {
            guard let key = response.headerFields[name].flatMap(own.resolving), key.origin == own.origin else {
                continue
            }
            invalidation.keys.insert(key)
        }
        invalidation.groups = Set(CacheGroups.read(response.headerFields, .cacheGroupInvalidation))
        return invalidation
    }

    /// Methods that change nothing, RFC 9110, section 9.2.1; one that is unknown may change anything.
    private static func isSafe(_ method: HTTPRequest.Method) -> Bool {
        [.get, .head, .options, .trace, .query].contains(method)
    }
}
