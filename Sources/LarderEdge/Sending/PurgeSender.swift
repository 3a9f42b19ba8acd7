import Logging
import Synchronization

/// Sends the purges of one vendor: in batches, no faster than it takes them, again where it failed, and once more later.
final class PurgeSender: Sendable {
    let purger: any EdgePurger
    private let settings: EdgeInvalidator.Configuration
    private let queue: any PurgeQueue
    private let transport: any EdgeTransport
    private let clock: EdgeClock
    private let logger: Logger
    private let bucket: Mutex<TokenBucket?>
    private let tally = Mutex(EdgePurgerStatistics())

    init(
        _ purger: any EdgePurger,
        settings: EdgeInvalidator.Configuration,
        queue: any PurgeQueue,
        transport: any EdgeTransport,
        clock: EdgeClock,
        logger: Logger
    ) {
        self.purger = purger
        self.settings = settings
        self.queue = queue
        self.transport = transport
        self.clock = clock
        self.logger = logger
        bucket = Mutex(purger.capabilities.rate.map { TokenBucket($0, now: clock.uptime()) })
    }

    var statistics: EdgePurgerStatistics { tally.withLock { $0 } }

    func update(_ change: (inout EdgePurgerStatistics) -> Void) { tally.withLock { change(&$0) } }

    /// Sends all that is due.
    ///
    /// - Returns: Whether there was anything.
    func sendDue() async throws(EdgeError) -> Bool {
        let limit = purger.capabilities.batch.values.max() ?? 1
        let due = try await queue.purges(of: purger.name, dueAt: clock.wallTime(), limit: limit)
        guard let batch = batch(of: due) else { return false }
        try await send(batch)
        return true
    }

    /// The first purges that one request can carry: those of the kind of the first one.
    ///
    /// Everything beats all others.
    private func batch(of due: [PendingPurge]) -> [PendingPurge]? {
        guard var first = due.first else { return nil }
        if let all = due.first(where: { $0.request.selector == .everything }) { first = all }
        let kind = first.request.selector.kind
        let same = due.filter { $0.request.selector.kind == kind && $0.request.isSoft == first.request.isSoft }
        return Array(same.prefix(purger.capabilities.batch[kind] ?? 1))
    }

    /// Sends a batch until it is done or refused; what is too large goes in halves.
    private func send(_ batch: [PendingPurge]) async throws(EdgeError) {
        var parts = [batch]
        while let part = parts.popLast() {
            switch await outcome(of: part) {
            case .split(let reason):
                guard part.count > 1 else {
                    try await reject(part, reason)
                    continue
                }
                parts.append(Array(part.suffix(part.count / 2)))
                parts.append(Array(part.prefix(part.count - part.count / 2)))
            case .rejected(let reason): try await reject(part, reason)
            case .done: try await settle(part)
            case .retry where Task.isCancelled: return
            case .retry: try await postpone(part)
            }
        }
    }

    /// Lets others go first: what fails again and again must not keep all else from the vendor.
    private func postpone(_ part: [PendingPurge]) async throws(EdgeError) {
        let due = clock.wallTime() + Int64(settings.longestBackoff * Double.random(in: 0.5...1) / .milliseconds(1))
        let later = part.map { purge in
            var later = purge
            later.due = due
            return later
        }
        try await queue.add(later, movingTo: nil)
    }

    /// How often a batch fails in a row before others go first.
    private static let patience = 5

    private func outcome(of part: [PendingPurge]) async -> PurgeOutcome {
        let selectors = part.map(\.request.selector)
        let isSoft = part.first?.request.isSoft ?? false
        let identifier = PurgeIdentifier.of(part)
        var failures = 0
        while !Task.isCancelled {
            let context = EdgeCallContext(secondsSince1970: clock.wallTime() / 1_000, identifier: identifier)
            let calls: [EdgeCall]
            do { calls = try purger.calls(for: selectors, isSoft: isSoft, context: context) } catch {
                return .rejected("\(error)")
            }
            if part.count > 1, calls.contains(where: { $0.body.utf8.count > purger.capabilities.maximumBodyBytes }) {
                return .split("the body is too large")
            }
            switch await outcome(of: calls) {
            case .retry(let after, let reason):
                failures += 1
                update { statistics in
                    statistics.retries += 1
                    statistics.lastError = reason
                }
                logger.warning(
                    "a purge failed and will be repeated",
                    metadata: [
                        "purger": "\(purger.name)", "reason": "\(reason)", "failures": "\(failures)",
                    ]
                )
                guard failures < Self.patience else { return .retry(after: after, reason) }
                let wait = max(after ?? .zero, PurgeBackoff.wait(after: failures, settings))
                do { try await clock.sleep(wait) } catch { return .retry(after: nil, reason) }
            case let outcome: return outcome
            }
        }
        return .retry(after: nil, "stopped")
    }

    private func outcome(of calls: [EdgeCall]) async -> PurgeOutcome {
        for call in calls {
            let wait = bucket.withLock { $0?.take(now: clock.uptime()) } ?? .zero
            do {
                if wait > .zero { try await clock.sleep(wait) }
                update { $0.requests += 1 }
                let reply = try await transport.send(call, timeout: settings.requestTimeout)
                let outcome = purger.outcome(of: reply)
                guard outcome == .done else { return outcome }
            } catch {
                return .retry(after: nil, "\(call) failed: \(error)")
            }
        }
        return .done
    }

    private func settle(_ part: [PendingPurge]) async throws(EdgeError) {
        let now = clock.wallTime()
        let delay = purger.capabilities.echoDelay.map { max($0, settings.longestLoad) }
        let echoes = delay.map { delay in
            part.filter { !$0.isEcho }
                .map { purge in
                    var echo = purge
                    echo.isEcho = true
                    echo.due = now + Int64(delay / .milliseconds(1))
                    return echo
                }
        }
        try await queue.settle(part, adding: echoes ?? [])
        update { statistics in
            statistics.purged += part.count { !$0.isEcho }
            statistics.echoes += part.count { $0.isEcho }
        }
    }

    /// Gives up what will never be accepted, loudly: the edge keeps what it should not.
    private func reject(_ part: [PendingPurge], _ reason: String) async throws(EdgeError) {
        let selectors = part.prefix(10).map { "\($0.request.selector)" }.joined(separator: ", ")
        logger.error(
            "a purge was refused and is given up",
            metadata: [
                "purger": "\(purger.name)", "reason": "\(reason)", "purges": "\(part.count)", "first": "\(selectors)",
            ]
        )
        update { statistics in
            statistics.rejected += part.count
            statistics.lastError = reason
        }
        try await queue.settle(part, adding: [])
    }
}
