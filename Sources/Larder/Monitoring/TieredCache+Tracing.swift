extension TieredCache {
    /// Runs a change of entries, in a span where spans are made.
    func traced<Result>(
        _ change: CacheSpans.Change,
        of keys: Int = 1,
        isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Result
    ) async throws -> Result {
        guard let spans else { return try await body() }
        return try await spans.change(change, of: keys) { try await body() }
    }
}
