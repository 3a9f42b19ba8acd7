public import Larder
public import LarderEdge
public import Logging
public import ServiceLifecycle

/// Purges a ``ResponseCache`` of what the cache has invalidated, on each node.
///
/// It reads the invalidation log from its end. A gap purges everything.
public struct ResponseCacheFollower: Service {
    private let responses: ResponseCache
    private let log: any InvalidationLog
    private let mapping: EdgeMapping
    private let logger: Logger

    /// Makes a follower, which works once it is run.
    ///
    /// - Parameters:
    ///   - responses: The stored responses.
    ///   - log: The log of the cache.
    ///   - mapping: What invalidations mean for responses.
    ///   - logger: Gets what goes wrong.
    public init(
        _ responses: ResponseCache,
        log: any InvalidationLog,
        mapping: EdgeMapping = .keyTags,
        logger: Logger = Logger(label: "larder.responses")
    ) {
        self.responses = responses
        self.log = log
        self.mapping = mapping
        self.logger = logger
    }

    /// Follows the log until the task is cancelled, or a graceful shutdown begins.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            var position: LogPosition?
            while !Task.isCancelled {
                do {
                    let batch = try await log.nextBatch(after: position, patience: .seconds(1))
                    position = batch.position
                    if batch.isAfterGap { responses.purgeAll() }
                    for entry in batch.records { mapping.requests(for: entry.record).forEach(responses.purge) }
                } catch {
                    if Task.isCancelled { return }
                    // What is not heard of in time must not be served.
                    responses.purgeAll()
                    logger.error("the invalidation log cannot be followed", metadata: ["error": "\(error)"])
                    try? await Task.sleep(for: .milliseconds(200))
                }
            }
        }
    }
}
