/// The leases of one namespace.
struct LoadLeasing: Sendable {
    /// What came of asking for a lease.
    enum Answer {
        case granted(LoadLease)
        case taken
        /// Nobody could say; the load goes on without.
        case unavailable
    }

    let provider: any LeaseProvider
    let rules: LeaseRules
    let clock: CacheClock
    let failures: FailureLog

    func acquire(_ key: StoreKey, _ policy: CachePolicy) async -> Answer {
        do {
            let lease = try await provider.acquire(key, for: rules.maximumLife ?? policy.loadDeadline)
            return lease.map { .granted($0) } ?? .taken
        } catch {
            if !Task.isCancelled { failures.record("ask for a lease", error, now: clock.now) }
            return .unavailable
        }
    }

    /// Runs a closure, after which a lease is given back however it ends.
    func holding<Result>(_ answer: Answer, _ body: () async throws -> Result) async rethrows -> Result {
        defer {
            // In a task of its own, since this one may be cancelled, and nobody has to wait for it.
            if case .granted(let lease) = answer { Task { [provider] in await provider.release(lease) } }
        }
        return try await body()
    }
}
