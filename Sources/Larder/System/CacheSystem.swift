public import Logging
import MemoryCache
public import ServiceLifecycle
public import Tracing

public import struct Foundation.Date

/// The owner of what caches share: the store, the clock, and the settings.
///
/// ```swift
/// let caches = try CacheSystem(store: SQLiteStore(path: "cache.sqlite"))
/// let users = try caches.cache(.users)
/// let user = try await users.value(forKey: id) { id in try await database.user(id) }
/// ```
///
/// A system works from the moment it is made. As a `Service` in a `ServiceGroup` it also looks for expired
/// entries in memory at intervals, and shuts the store down when the group stops. List it before the services
/// that use it, so that it stops after them.
public final class CacheSystem: Service, Sendable {
    private struct State {
        var caches: [String: any SystemCache] = [:]
    }

    let configuration: Configuration
    let clock: CacheClock
    let logger: Logger
    let gate: StoreGate?
    let loadFailures: FailureLog
    let unusableEntries: FailureLog
    let channel: InvalidationChannel
    let repetitions = Locked(RepeatedInvalidations())
    let repetitionWatch: DeadlineWatch
    let reader: LogReader?
    /// Keeps what fails of invalidations; `nil` where there is no queue for them.
    let undelivered: UndeliveredInvalidations?
    /// Follows what other programs do to the store; `nil` if the store does not tell.
    let foreignChanges: ForeignChanges?
    /// Makes spans; `nil` for none.
    let tracer: (any Tracer)?
    /// Who is told of each duration that is measured.
    let measurements = Locked<Callback<(String, LatencyPhase, Duration), Void>?>(nil)
    private let leases: (any LeaseProvider)?
    private let leaseFailures: FailureLog

    /// Who may do what through ``TieredCache/scoped(to:)``, if there are rules for that.
    public let access: AccessControl?

    /// What leaves the store alone for a while when it fails or is slow, if there are a store and a breaker.
    public let storeBreaker: CircuitBreaker?

    private let state = Locked(State())

    /// Makes a system.
    ///
    /// - Parameters:
    ///   - store: The second tier; `nil` for caches in memory alone.
    ///   - log: The invalidation log that all processes with the same store share. Without one, each process has a
    ///     memory of its own that learns nothing of what others write and remove.
    ///   - undelivered: Keeps the invalidations that the store or the log could not take, until they are delivered.
    ///     Without it, whoever invalidates has to try again.
    ///   - access: Who may do what with the views that ``TieredCache/scoped(to:)`` makes; `nil` where there are none.
    ///   - leases: What processes agree by on who loads a key, for namespaces with ``CacheNamespace/leases``.
    ///   - tracer: Makes spans of misses, reads of the store, loads and changes; `nil` for none.
    ///   - configuration: The settings that all caches share.
    ///   - clock: The clock of lifetimes and timeouts; `nil` for the system's monotonic clock.
    ///   - wallTime: The time on the wall, for lifetimes until a time of day; the system's unless given.
    ///   - logger: Where the system logs; the current task's logger unless given.
    /// - Throws: ``CacheError`` with the code `invalidConfiguration` that says which setting is out of its range.
    public init(
        store: (any RemoteStore)? = nil,
        log: (any InvalidationLog)? = nil,
        undelivered: (any InvalidationQueue)? = nil,
        access: AccessControl? = nil,
        leases: (any LeaseProvider)? = nil,
        tracer: (any Tracer)? = nil,
        configuration: Configuration = Configuration(),
        clock: (any Clock<Duration>)? = nil,
        wallTime: (@Sendable () -> Date)? = nil,
        logger: Logger = .current
    ) throws(CacheError) {
        try configuration.validate()
        self.configuration = configuration
        self.access = access
        self.logger = logger
        self.tracer = tracer
        var clock = CacheClock(clock)
        if let wallTime { clock.wallTime = wallTime }
        self.clock = clock
        func failureLog(_ message: Logger.Message) -> FailureLog {
            FailureLog(message, logger: logger, interval: configuration.failureLogInterval)
        }
        loadFailures = failureLog("A load failed; a stale copy or the default value stands in")
        unusableEntries = failureLog("An entry of the store cannot be used; it counts as a miss")
        leaseFailures = failureLog("Leases cannot be had; keys are loaded without")
        self.leases = leases
        channel = InvalidationChannel(log: log)
        reader = log.map {
            LogReader(
                log: $0,
                maximumSilence: configuration.maximumSilence,
                clock: clock,
                failures: failureLog("The invalidation log failed; entries in memory are not trusted for long")
            )
        }
        self.undelivered = undelivered.map { [clock] queue in
            UndeliveredInvalidations(
                queue: queue,
                clock: clock,
                failures: failureLog("An invalidation was not delivered; what it touches is not cached until it is")
            )
        }
        let rules = store == nil ? nil : configuration.storeBreaker
        storeBreaker = try rules.map { rules throws(CacheError) in
            try CircuitBreaker("store", configuration: rules, cacheClock: clock)
        }
        gate = store.map { [storeBreaker] store in
            StoreGate(
                store: LongKeyStore(
                    wrapping: storeBreaker.map { CircuitBreakerStore(wrapping: store, breaker: $0) } ?? store
                ),
                timeout: configuration.storeTimeout,
                clock: clock,
                failures: failureLog("The store failed; the cache goes on without it")
            )
        }
        foreignChanges = store?.foreignChanges.map(ForeignChanges.init)
        repetitionWatch = DeadlineWatch(clock: clock)
        repetitionWatch.expire = { [weak self] now in self?.carryOutRepetitions(at: now) }
    }

    /// Opens a namespace.
    ///
    /// - Parameter namespace: The namespace. Opening it again gives the same cache.
    /// - Returns: The cache of the namespace.
    /// - Throws: ``CacheError`` if the name, the policy or the capacity is out of its range, or if the namespace was
    ///   opened before with other types or settings.
    public func cache<Key, Value>(
        _ namespace: CacheNamespace<Key, Value>
    ) throws(CacheError) -> TieredCache<Key, Value> {
        try namespace.validate()
        let opened: Result<TieredCache<Key, Value>, CacheError> = state.withLock { state in
            if let existing = state.caches[namespace.name] {
                guard let cache = existing as? TieredCache<Key, Value>, cache.namespace.agrees(with: namespace) else {
                    return .failure(
                        CacheError(
                            .namespaceConflict,
                            """
                            The namespace "\(namespace.name)" was opened before with other types or settings; \
                            declare it once, or give one of them another name.
                            """
                        )
                    )
                }
                return .success(cache)
            }
            return Result { () throws(CacheError) in try TieredCache(namespace, system: self) }
                .map { cache in
                    report(namespace)
                    state.caches[namespace.name] = cache
                    return cache
                }
        }
        return try opened.get()
    }

    /// The leases of a namespace, if it asks for some.
    func leasing<Key, Value>(of namespace: CacheNamespace<Key, Value>) throws(CacheError) -> LoadLeasing? {
        guard let rules = namespace.leases else { return nil }
        guard let leases, gate != nil, namespace.codec != nil else {
            throw CacheError(
                .invalidConfiguration,
                "The namespace \"\(namespace.name)\" has leases; give the system a store and a lease provider."
            )
        }
        return LoadLeasing(provider: leases, rules: rules, clock: clock, failures: leaseFailures)
    }

    /// Logs what the settings of a namespace do that their author may not have meant.
    private func report<Key, Value>(_ namespace: CacheNamespace<Key, Value>) {
        for finding in findings(of: namespace) {
            logger.notice(
                "Settings of a namespace may not do what they seem to",
                metadata: [
                    "namespace": "\(namespace.name)", "settings": "\(finding.settings.joined(separator: ", "))",
                    "finding": "\(finding.message)",
                ]
            )
        }
    }

    /// Opens a namespace with the loader of its values.
    ///
    /// - Parameters:
    ///   - namespace: The namespace.
    ///   - load: Produces the value of a key, or `nil` where the origin has none. It may run in the background.
    /// - Returns: A cache that loads what it misses.
    /// - Throws: What ``cache(_:)`` throws.
    public func cache<Key, Value>(
        _ namespace: CacheNamespace<Key, Value>,
        load: @escaping @Sendable (Key) async throws -> Value?
    ) throws(CacheError) -> LoadingCache<Key, Value> {
        LoadingCache(try cache(namespace)) { key, _ in LoadResult(try await load(key)) }
    }

    /// Opens a namespace with the loader of its values, which is told of stale copies and may say how its results are
    /// to be kept.
    ///
    /// - Parameters:
    ///   - namespace: The namespace.
    ///   - load: Produces the value of a key. It may run in the background.
    /// - Returns: A cache that loads what it misses.
    /// - Throws: What ``cache(_:)`` throws.
    public func cache<Key, Value>(
        _ namespace: CacheNamespace<Key, Value>,
        load: @escaping @Sendable (Key, inout LoadContext<Value>) async throws -> LoadResult<Value>
    ) throws(CacheError) -> LoadingCache<Key, Value> {
        LoadingCache(try cache(namespace), load: load)
    }

    /// Opens a namespace with a loader that takes several keys at once.
    ///
    /// - Parameters:
    ///   - namespace: The namespace.
    ///   - batching: Gathers the loads of single keys for a moment, to ask for them together; `nil` asks for each by
    ///     itself, and for several only in ``LoadingCache/values(forKeys:)``.
    ///   - load: Produces the values of the keys it is given, which are all different; a key that it leaves out is
    ///     absent. It may run in the background.
    /// - Returns: A cache that loads what it misses.
    /// - Throws: What ``cache(_:)`` throws, or ``CacheError`` with the code `invalidConfiguration` for a window that is
    ///   out of its range.
    public func cache<Key, Value>(
        _ namespace: CacheNamespace<Key, Value>,
        batching: LoadBatching? = nil,
        loadMany load: @escaping @Sendable ([Key]) async throws -> [Key: Value]
    ) throws(CacheError) -> LoadingCache<Key, Value> {
        try batching?.validate()
        return LoadingCache(try cache(namespace), batching, loadMany: load)
    }

    /// The cache of a namespace, if it was opened.
    func openedCache(_ name: String) -> (any SystemCache)? {
        state.withLock { $0.caches[name] }
    }

    /// The caches that were opened.
    var openedCaches: [any SystemCache] { Array(state.withLock { $0.caches }.values) }

    /// The statistics of each namespace that was opened, by its name.
    ///
    /// - Complexity: O(namespaces).
    public var statistics: [String: CacheStatistics] {
        state.withLock { $0.caches }.mapValues(\.statistics)
    }

    /// What each namespace has done in a window, by its name; see ``TieredCache/statistics(over:)``.
    public func statistics(over window: StatisticsWindow) -> [String: CacheStatistics] {
        state.withLock { $0.caches }.mapValues { $0.statistics(over: window) }
    }

    /// How long something took in each namespace in a window, by its name; see ``TieredCache/latencies(of:over:)``.
    public func latencies(of phase: LatencyPhase, over window: StatisticsWindow) -> [String: LatencyHistogram] {
        state.withLock { $0.caches }.mapValues { $0.latencies(of: phase, over: window) }
    }

    /// Looks for expired entries at intervals, and moves the windows of the statistics, until the service group stops,
    /// then shuts down.
    public func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            var nextSweep = Deadline.after(configuration.sweepInterval, from: clock.now)
            while (try? await clock.sleep(min(configuration.sweepInterval, StatisticsWindow.oneMinute.step))) != nil {
                let caches = state.withLock { $0.caches }.values
                for cache in caches { cache.takeReading() }
                guard clock.now >= nextSweep else { continue }
                for cache in caches { cache.removeExpired() }
                nextSweep = Deadline.after(configuration.sweepInterval, from: clock.now)
            }
        }
        await shutdown()
    }

    /// Finishes what the store has begun, and closes it.
    ///
    /// Values in memory can still be read. Calls that need the store go on as if it had failed.
    public func shutdown() async {
        reader?.stop()
        for cache in state.withLock({ $0.caches }).values { await cache.endFilling() }
        await undelivered?.stop()
        await channel.log?.shutdown()
        await leases?.shutdown()
        await gate?.store.shutdown()
    }
}

/// What a system asks of its caches, whatever their types.
protocol SystemCache: AnyObject, Sendable {
    var statistics: CacheStatistics { get }

    func statistics(over window: StatisticsWindow) -> CacheStatistics

    func latencies(of phase: LatencyPhase, over window: StatisticsWindow) -> LatencyHistogram

    /// All that monitoring tells of the namespace.
    func reading(over window: StatisticsWindow, hotKeys: Int, in system: CacheSystem) -> NamespaceReading

    func removeExpired()

    /// Drops what waits to be put into the store, and waits for what is being put there.
    func endFilling() async

    /// Takes the readings that are due.
    func takeReading()

    func invalidate(_ records: [InvalidationRecord]) async throws

    /// Carries out invalidations that failed before.
    func deliver(_ records: [InvalidationRecord]) async throws

    /// Takes out of memory what is denied, if that is everything.
    func dropDenied()

    /// Takes out of memory what another program has changed in the store, and what is on its way there.
    func forget(_ storeKeys: [StoreKey]) async

    /// Takes everything out of memory, and what is on its way there.
    func forgetAll() async

    /// An invalidation by people who know keys, and not the names of entries.
    func named(_ record: InvalidationRecord) -> InvalidationRecord
}
