public import Larder
public import Logging
public import ServiceLifecycle

/// Clears the edge of what the cache has invalidated.
///
/// It reads the invalidation log from a position of its own, which the queue keeps. A record is in the log only once L2 is
/// clean, so that what the edge fetches after a purge is new. What the edge was fetching while the purge came may be old:
/// each purge is repeated after the longest load.
///
/// Nothing is lost: a purge leaves the queue when its vendor has accepted it, and a crash in between sends it twice. A
/// reader that has missed records, or knows no position, purges everything.
public final class EdgeInvalidator: Service {
    private let log: any InvalidationLog
    private let mapping: EdgeMapping
    private let queue: any PurgeQueue
    private let settings: Configuration
    private let clock: EdgeClock
    private let logger: Logger
    private let senders: [PurgeSender]
    /// How long to wait between two looks at the queue, for echoes.
    private static var pause: Duration { .milliseconds(200) }

    /// Makes an invalidator, which works once it is run.
    ///
    /// - Parameters:
    ///   - log: The log of the cache.
    ///   - purgers: The vendors, each with a name of its own.
    ///   - mapping: What invalidations mean at the edge.
    ///   - queue: Where purges wait; one invalidator at a time may use it.
    ///   - transport: What sends requests.
    ///   - configuration: The settings.
    ///   - clock: The clock of waits.
    ///   - wallTime: Milliseconds since 1970, for what survives a restart; `nil` for the system's.
    ///   - logger: Gets what goes wrong, without any secret.
    /// - Throws: ``EdgeError`` with the code `invalidConfiguration` for a setting out of range, or two equal names.
    public init(
        log: any InvalidationLog,
        purgers: [any EdgePurger],
        mapping: EdgeMapping,
        queue: any PurgeQueue,
        transport: any EdgeTransport = HTTPEdgeTransport(),
        configuration: Configuration = Configuration(),
        clock: any Clock<Duration> = ContinuousClock(),
        wallTime: (@Sendable () -> Int64)? = nil,
        logger: Logger = Logger(label: "larder.edge")
    ) throws(EdgeError) {
        try configuration.validate()
        guard Set(purgers.map(\.name)).count == purgers.count else {
            throw EdgeError(
                .invalidConfiguration,
                "Each purger needs a name of its own, since the queue tells them by it."
            )
        }
        let clock = EdgeClock(clock, wallTime: wallTime ?? EdgeClock.systemWallTime)
        self.log = log
        self.mapping = mapping
        self.queue = queue
        self.settings = configuration
        self.clock = clock
        self.logger = logger
        senders = purgers.map { purger in
            PurgeSender(
                purger,
                settings: configuration,
                queue: queue,
                transport: transport,
                clock: clock,
                logger: logger
            )
        }
    }

    /// What became of the purges, by the names of the purgers.
    public var statistics: [String: EdgePurgerStatistics] {
        Dictionary(senders.map { ($0.purger.name, $0.statistics) }) { $1 }
    }

    /// Reads and purges until the task is cancelled, or a graceful shutdown begins.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                group.addTask { await self.keepReading() }
                for sender in self.senders { group.addTask { await self.keepSending(sender) } }
            }
        }
    }

    private func keepReading() async {
        while !Task.isCancelled {
            do {
                try await readOnce()
            } catch is CancellationError {
                return
            } catch {
                if Task.isCancelled { return }
                logger.error("the invalidation log cannot be followed", metadata: ["error": "\(error)"])
                try? await clock.sleep(Self.pause)
            }
        }
    }

    /// Moves the purges of the next records into the queue, together with the position.
    private func readOnce() async throws {
        let position = try await queue.position()
        let batch = try await log.nextBatch(after: position, patience: .seconds(1))
        guard batch.position != position else { return }
        if batch.isAfterGap, position != nil {
            logger.warning("the invalidation log was trimmed or replaced; everything at the edge is purged")
        }
        let requests =
            batch.isAfterGap ? [PurgeRequest(.everything)] : batch.records.flatMap { mapping.requests(for: $0.record) }
        try await queue.add(pending(requests), movingTo: batch.position)
    }

    private func pending(_ requests: [PurgeRequest]) -> [PendingPurge] {
        let now = clock.wallTime()
        let due = now + Int64(settings.linger / .milliseconds(1))
        return senders.flatMap { sender in
            requests.compactMap { request in
                do throws(EdgeError) {
                    let fitted = try request.fitted(to: sender.purger.capabilities, mayWiden: settings.mayWiden)
                    return PendingPurge(
                        purger: sender.purger.name,
                        request: fitted,
                        isEcho: false,
                        due: due,
                        addedAt: now
                    )
                } catch {
                    sender.update { statistics in
                        statistics.rejected += 1
                        statistics.lastError = error.message
                    }
                    logger.error(
                        "an invalidation cannot be purged",
                        metadata: [
                            "purger": "\(sender.purger.name)", "reason": "\(error.message)",
                        ]
                    )
                    return nil
                }
            }
        }
    }

    private func keepSending(_ sender: PurgeSender) async {
        await withTaskGroup { group in
            group.addTask { await self.keepWatching(sender) }
            while !Task.isCancelled {
                do throws(EdgeError) {
                    if try await sender.sendDue() { continue }
                } catch {
                    sender.update { $0.lastError = error.message }
                    logger.error("the queue of purges cannot be used", metadata: ["error": "\(error)"])
                }
                try? await clock.sleep(min(Self.pause, max(settings.linger / 2, .milliseconds(5))))
            }
        }
    }

    /// Measures how far behind a purger is, also while it waits for its vendor.
    private func keepWatching(_ sender: PurgeSender) async {
        while !Task.isCancelled {
            if let backlog = try? await queue.backlog(of: sender.purger.name) { report(backlog, of: sender) }
            try? await clock.sleep(.seconds(1))
        }
    }

    private func report(_ backlog: (count: Int, oldest: Int64?), of sender: PurgeSender) {
        let lag = Duration.milliseconds(max(0, backlog.oldest.map { clock.wallTime() - $0 } ?? 0))
        let isBehind = lag > settings.alertLag
        let before = sender.statistics
        sender.update { statistics in
            statistics.pending = backlog.count
            statistics.lag = lag
            statistics.isBehind = isBehind
        }
        guard isBehind != before.isBehind else { return }
        let name = sender.purger.name
        settings.onAlert(
            isBehind ? .behind(purger: name, lag: lag, lastError: before.lastError) : .caughtUp(purger: name)
        )
        if isBehind {
            logger.error("the edge is behind the cache", metadata: ["purger": "\(name)", "lag": "\(lag)"])
        } else {
            logger.info("the edge has caught up with the cache", metadata: ["purger": "\(name)"])
        }
    }
}
