import MemoryCache

extension TieredCache {
    /// Asks the origin for what a flight is about, once there is leave to.
    func ask<Result>(
        _ flight: Flight<Key, Value>,
        _ call: LoadCall<Key, Value>,
        hasCopy: Bool,
        _ load: () async throws -> Result
    ) async throws -> Result {
        // A loader that gathers several keys asks for leave, and is counted, when it asks for them together.
        if call.isBatched { return try await load() }
        let permit = try await permit(flight, call, hasCopy: hasCopy)
        let attempt = try namespace.breaker?.begin()
        let isLed = flights.keepPermit(of: flight) {
            // Of use only if the load is abandoned before it has ended.
            attempt?.end(.failure)
            permit?.release()
        }
        guard isLed else { throw Self.abandonedLoad(of: call.key) }
        defer { flights.releasePermit(of: flight) }
        return try await counted(attempt, load)
    }

    /// Asks the origin for several keys that callers wait for one by one.
    func askTogether<Result>(_ load: () async throws -> Result) async throws -> Result {
        guard !LoadScope.contains(limiter) else { return try await counted(try namespace.breaker?.begin(), load) }
        let permit = try await limiter.acquire(
            priority: .foreground,
            deadline: Deadline.after(namespace.policy.loadDeadline, from: clock.now),
            now: clock.now
        )
        defer { permit.release() }
        return try await withCancellationHandler {
            try await counted(try namespace.breaker?.begin(), load)
        } onCancel: {
            // Nobody waits for it any more, and it may not heed that.
            permit.release()
        }
    }

    /// Asks the origin, and counts.
    private func counted<Result>(
        _ attempt: CircuitBreaker.Call?,
        _ load: () async throws -> Result
    ) async throws -> Result {
        counters.loads.increment()
        do {
            return try await measured {
                try await LoadScope.enter(limiter) {
                    guard let breaker = namespace.breaker, let attempt else { return try await load() }
                    return try await breaker.run(attempt, load)
                }
            }
        } catch {
            if !Task.isCancelled { counters.loadFailures.increment() }
            throw error
        }
    }

    /// Runs a load in a span, and measures it.
    private func measured<Result>(_ load: () async throws -> Result) async throws -> Result {
        func measured() async throws -> Result {
            guard let monitor else { return try await load() }
            return try await monitor.measure(.origin) { try await load() }
        }
        guard let spans else { return try await measured() }
        return try await spans.load { try await measured() }
    }

    /// Waits for leave to ask the origin.
    ///
    /// - Returns: The permit; `nil` where none is needed, because the call comes from within a load that has one.
    private func permit(
        _ flight: Flight<Key, Value>,
        _ call: LoadCall<Key, Value>,
        hasCopy: Bool
    ) async throws -> LoadPermit? {
        guard !LoadScope.contains(limiter) else { return nil }
        let group = namespace.loadGroup?(call.key)
        if let permit = limiter.tryAcquire(group: group) { return permit }
        if hasCopy, limiter.limits.whenFull == .stale { throw Self.crowdedOrigin(call.key) }
        let ticket = Ticket<LoadQueue.Place>()
        if call.isRefresh { flights.setForwarding(of: flight) { [limiter] in limiter.raise(ticket) } }
        return try await limiter.acquire(
            group: group,
            priority: call.isRefresh ? .background : .foreground,
            deadline: flights.deadline(of: flight),
            now: clock.now,
            ticket: ticket
        )
    }

    private static func crowdedOrigin(_ key: Key) -> CacheError {
        CacheError(.overloaded, "As many loads as are allowed ask the origin already; key \(key) was not loaded.")
    }
}

/// The caches whose loaders the current task runs in.
///
/// A loader that reads the same cache again must not wait for leave that only its own end would give back.
enum LoadScope {
    @TaskLocal private static var limiters: [ObjectIdentifier] = []

    static func contains(_ limiter: LoadLimiter) -> Bool {
        limiters.contains(ObjectIdentifier(limiter))
    }

    static func enter<Result>(
        _ limiter: LoadLimiter,
        isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Result
    ) async rethrows -> Result {
        try await $limiters.withValue(limiters + [ObjectIdentifier(limiter)]) {
            // Captured, so that the body does not leave the caller's actor.
            _ = isolation
            return try await body()
        }
    }
}
