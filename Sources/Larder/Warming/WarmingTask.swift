/// Keys to be in memory before anybody asks for them.
///
/// ```swift
/// let task = WarmingTask("front page", of: articles, schedule: .every(.seconds(600))) {
///     try await database.frontPageArticles()
/// }
/// ```
public struct WarmingTask: Sendable {
    /// The name, by which the task is known, and by which the nodes of a fleet agree on who loads.
    public let name: String

    /// When the cache is warmed.
    public let schedule: WarmingSchedule

    /// How it is warmed without hurting the origin.
    public let rules: WarmingRules

    /// Asks for the keys, and says how many there are and how each batch of them is warmed.
    let begin: @Sendable () async throws -> WarmingWork

    /// Makes a task.
    ///
    /// - Parameters:
    ///   - name: The name, not empty, and of no other task of the warmer.
    ///   - cache: The cache to warm, which knows how to load.
    ///   - schedule: When it is warmed.
    ///   - rules: How it is warmed.
    ///   - keys: Gives the keys, the most important first; asked at the beginning of each run.
    public init<Key, Value, Keys: Sequence<Key>>(
        _ name: String,
        of cache: LoadingCache<Key, Value>,
        schedule: WarmingSchedule = .once,
        rules: WarmingRules = WarmingRules(),
        keys: @escaping @Sendable () async throws -> Keys
    ) where Keys: SendableMetatype {
        self.name = name
        self.schedule = schedule
        self.rules = rules
        let size = cache.takesSeveral ? min(rules.batchSize, cache.cache.namespace.maximumBatch) : 1
        begin = {
            let keys = Array(try await keys())
            return WarmingWork(total: keys.count, batches: (keys.count + size - 1) / size) { number in
                let batch = Array(keys[number * size..<min(keys.count, (number + 1) * size)])
                return try await cache.findCold(batch)
            }
        }
    }
}

extension WarmingTask {
    /// Whether a node that waits until it is warm waits for the task.
    var isAwaited: Bool {
        if case .cron = schedule { false } else { true }
    }

    func validate() throws(CacheError) {
        try rules.validate()
        if case .every(let pause) = schedule, pause < .milliseconds(1) {
            throw CacheError(
                .invalidConfiguration,
                "The task \"\(name)\" pauses for \(pause); give a millisecond or more."
            )
        }
    }
}

/// What one run of a task has to do.
struct WarmingWork: Sendable {
    let total: Int
    let batches: Int
    /// Finds out which keys of a batch are in no tier.
    let find: @Sendable (Int) async throws -> WarmingBatch
}

/// Some keys, of which the tiers have a part.
struct WarmingBatch: Sendable {
    var fresh = 0
    var fromStore = 0
    var cold = 0
    /// Loads the rest with one call.
    var load: @Sendable () async throws -> Void = {}
}
