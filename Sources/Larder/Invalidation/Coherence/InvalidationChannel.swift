import MemoryCache

/// How invalidations leave a system, and reach all of its namespaces that they concern before they return.
final class InvalidationChannel: Sendable {
    /// The log that processes share.
    let log: (any InvalidationLog)?

    private let members = Locked<[String: Coherence]>([:])

    init(log: (any InvalidationLog)?) {
        self.log = log
    }

    func add(_ coherence: Coherence, of namespace: String) {
        members.withLock { $0[namespace] = coherence }
    }

    /// Appends records, and does what they say to this process.
    ///
    /// - Returns: The position behind them, if there is a shared log.
    /// - Throws: ``CacheError`` with the code `logUnavailable` if other processes may not learn of them.
    @discardableResult
    func append(_ records: [InvalidationRecord]) async throws -> LogPosition? {
        guard !records.isEmpty else { return nil }
        let concerned = members.withLock { members in Set(records.map(\.namespace)).compactMap { members[$0] } }
        // A node that knows nothing of the log would take its first record for the beginning of another log.
        for coherence in concerned where !coherence.isPrepared { await coherence.prepare() }
        let end: LogPosition?
        do {
            end = try await log?.append(records)
        } catch {
            throw CacheError(
                .logUnavailable,
                "The invalidation log did not take an invalidation; other processes may still serve the old value.",
                underlyingError: error
            )
        }
        for coherence in concerned { coherence.apply(records, endingAt: end) }
        return end
    }
}
