public import MemoryCache
import Synchronization

/// A typed cache in memory (L1) over a store (L2), which loads what neither has.
///
/// ```swift
/// let user = try await users.value(forKey: id) { id in try await database.user(id) }
/// ```
///
/// At most one load of a key runs at a time; callers who come meanwhile wait for its result. A loader runs in the
/// task of the caller who leads, with its priority and task-local values. If that task is cancelled, the next
/// caller takes the lead with its own loader. An error of the loader reaches all who wait and is not cached.
///
/// A failing or slow store is a miss to reads and never an error. The statistics count it, and the logger hears
/// of it once per interval.
///
/// Make caches with ``CacheSystem/cache(_:)``.
public final class TieredCache<Key: CacheKey, Value: Sendable>: Sendable {
    /// The name, the types and the rules of the entries.
    public let namespace: CacheNamespace<Key, Value>

    @usableFromInline let memory: MemoryCache<Key, MemoryEntry<Value>>
    @usableFromInline let time: TimeSource
    let clock: CacheClock
    @usableFromInline let coherence: Coherence
    let channel: InvalidationChannel
    /// Kept, since the log has to be read as long as there is the cache, even if nobody keeps the system.
    private let reader: LogReader?
    let flights: FlightTable<Key, Value>
    let limiter: LoadLimiter
    private let limiterWatch: DeadlineWatch
    let loadFailures: FailureLog
    let counters = CacheCounters()
    /// What measures beside the counters; `nil` where the rules say so.
    let monitor: NamespaceMonitor?
    let observer: KeyObserver<Key>?
    /// Makes spans; `nil` for none.
    let spans: CacheSpans?
    /// What is on its way to a sink, if there is one.
    let writeBehind = Locked<Callback<Void, WriteBehindStatistics?>?>(nil)
    /// What was loaded ahead, if there is a preloader, and what hears of each entry that is put into memory for it.
    let preloads = Locked<Callback<Void, PreloadStatistics?>?>(nil)
    let fillListener = Locked<Callback<(Key, UInt64, Duration), Void>?>(nil)
    let store: StoreTier<Key, Value>?
    /// Fills the store in the background; `nil` where callers wait for it.
    let fills: FillQueue?
    /// What keeps other processes from loading the same keys; `nil` for a namespace without leases.
    let leasing: LoadLeasing?
    let keyPrefix: [UInt8]
    let encryption: EntryEncryption?
    let maximumKeyBytes: Int
    let passThrough = Atomic(false)
    let access: NamespaceAccess<Key>?
    /// Keeps what fails of invalidations; `nil` where the system has no queue for them.
    let undelivered: UndeliveredInvalidations?
    let denied: DeniedKeys?
    let foreignChanges: ForeignChanges?

    init(_ namespace: CacheNamespace<Key, Value>, system: CacheSystem) throws(CacheError) {
        self.namespace = namespace
        clock = system.clock
        time = system.clock.source
        loadFailures = system.loadFailures
        undelivered = system.undelivered
        foreignChanges = namespace.codec == nil ? nil : system.foreignChanges
        denied = system.undelivered.map { _ in DeniedKeys(isEverything: true) }
        access = system.access.map { NamespaceAccess($0, namespace: namespace.name) }
        let rules = system.configuration.monitoring
        let observes = rules.hotKeys > 0 || rules.sampledKeys > 0
        let monitor =
            rules.measures
            ? NamespaceMonitor(namespace.memory, clock: system.clock) { [weak system, name = namespace.name] in
                system?.measurements.withLock { $0 }?.call((name, $0, $1))
            } : nil
        self.monitor = monitor
        // Lifetimes that go by patterns have no multiple that would tell of all.
        let timeToLive = namespace.lifetimes == nil ? namespace.policy.timeToLive : .zero
        observer = observes ? KeyObserver(rules, timeToLive: timeToLive, clock: system.clock) : nil
        memory = try Self.makeMemory(namespace, system.clock.source, counters, monitor, observer)
        let watch = DeadlineWatch(clock: system.clock)
        let limiter = LoadLimiter(namespace.loadLimits) { watch.cover($0) }
        watch.expire = { [weak limiter] now in limiter?.expire(at: now) }
        self.limiter = limiter
        limiterWatch = watch
        spans = system.tracer.map { CacheSpans(tracer: $0, namespace: namespace.name) }
        let keyPrefix = CacheKeyEncoder.prefix(system: system.configuration.keyPrefix, namespace: namespace.name)
        self.keyPrefix = keyPrefix
        encryption = namespace.encryption.map { EntryEncryption($0, prefixLength: keyPrefix.count) }
        let tombstoneLife = namespace.policy.loadDeadline * 2 + system.configuration.storeTimeout * 2
        var times = InvalidationNode.Configuration()
        times.maximumSilence = system.configuration.maximumSilence
        times.tombstoneLife = tombstoneLife
        // What is stored at the last moment still comes before the tombstone falls.
        times.loadDeadline = namespace.policy.loadDeadline * 2
        let coherence = Coherence(
            namespace: namespace.name,
            keyPrefix: StoreKey(bytes: keyPrefix),
            log: system.channel.log,
            configuration: times,
            judgesKeys: namespace.concealsKeys || !(Key.self is any DecodableCacheKey.Type),
            clock: system.clock
        )
        self.coherence = coherence
        channel = system.channel
        reader = system.reader
        flights = FlightTable(
            watch: DeadlineWatch(clock: system.clock),
            maximumWaiters: namespace.maximumWaiters,
            newestRecord: { coherence.now }
        )
        maximumKeyBytes = system.configuration.maximumKeyBytes
        leasing = try system.leasing(of: namespace)
        if let gate = system.gate, let codec = namespace.codec {
            let compression = namespace.compression.map(EntryCompression.init)
            let shelf = compression.map { compression in
                DictionaryShelf(
                    compression,
                    encryption: namespace.encryption,
                    gate: gate,
                    prefix: CacheKeyEncoder.dictionaries(
                        system: system.configuration.keyPrefix,
                        namespace: namespace.name
                    ),
                    clock: system.clock
                )
            }
            store = StoreTier(
                gate: gate,
                coder: EntryCoder(
                    codec: codec,
                    schema: namespace.schema,
                    compression: compression,
                    encryption: encryption
                ),
                shelf: shelf,
                isConfidential: namespace.isConfidential,
                prefix: StoreKey(bytes: keyPrefix),
                clock: system.clock,
                counters: counters,
                monitor: monitor,
                spans: spans,
                unusable: system.unusableEntries,
                distrustLimit: system.configuration.maximumDistrustedKeys,
                tombstoneLife: tombstoneLife
            )
        } else {
            store = nil
        }
        let maximumFills = system.configuration.maximumPendingFills
        fills = store == nil || maximumFills == 0 ? nil : FillQueue(limit: maximumFills, counters: counters)
        channel.add(coherence, of: namespace.name)
        coherence.onEffects { [weak self] effects in self?.carryOut(effects) }
        foreignChanges?.add(self)
        if let denied { undelivered?.join(self, namespace.name, denied) }
        if let reader = system.reader { coherence.join(reader, patience: system.configuration.storeTimeout) }
    }

    private static func makeMemory(
        _ namespace: CacheNamespace<Key, Value>,
        _ time: TimeSource,
        _ counters: CacheCounters,
        _ monitor: NamespaceMonitor?,
        _ observer: KeyObserver<Key>?
    ) throws(CacheError) -> MemoryCache<Key, MemoryEntry<Value>> {
        var weigher: (@Sendable (Key, MemoryEntry<Value>) -> Int)?
        if namespace.weigher != nil || namespace.memory.unit == .weight {
            weigher = { [weigh = namespace.weigher] key, entry in
                entry.details?.weight ?? entry.value.flatMap { weigh?(key, $0) } ?? 1
            }
        }
        var listener: MemoryCache<Key, MemoryEntry<Value>>.RemovalListener?
        if let monitor {
            listener = { key, _, cause in
                counters.countRemoval(cause)
                monitor.noteDeparture(key, cause)
            }
        }
        var show: MemoryCache<Key, MemoryEntry<Value>>.ReadObserver?
        if let observer { show = { key, hash, isTurn in observer.observe(key, hash, isTurn: isTurn) } }
        do {
            let memory = try MemoryCache<Key, MemoryEntry<Value>>(
                capacity: namespace.memory,
                time: time,
                weigher: weigher,
                removalListener: listener,
                observer: show
            )
            memory.showReads(below: .max)
            return memory
        } catch {
            throw CacheError(
                .invalidConfiguration,
                "The namespace \"\(namespace.name)\" has no room in memory. \(error.message)",
                underlyingError: error
            )
        }
    }

    /// Reads a fresh value from memory alone, without suspending.
    ///
    /// - Parameter key: The key of the entry.
    /// - Returns: The value, or `nil` if memory holds no fresh one.
    /// - Complexity: O(1); does not allocate.
    @inlinable
    @inline(__always)
    public func cachedValue(forKey key: Key) -> Value? {
        let now = time.now
        guard let entry = look(key, now) else {
            countMiss(key)
            return nil
        }
        if let value = entry.value {
            if entry.freshUntil > now, entry.mark >= coherence.lazyMark(at: now) { return value }
            if isStillValid(key) { return value }
        }
        countUnusedMemoryHit()
        countMiss(key)
        return nil
    }

    /// Looks into memory, for what a hit needs.
    @inlinable
    @inline(__always)
    func look(_ key: Key, _ now: UInt64) -> (value: Value?, freshUntil: UInt64, nextLoad: UInt64, mark: UInt64)? {
        memory.read(key, now: now) { ($0.value, $0.freshUntil, $0.nextLoad, $0.mark) }
    }

    /// What the cache has done since it was made, and what it holds in memory.
    ///
    /// - Complexity: O(loads that are under way).
    public var statistics: CacheStatistics {
        var statistics = counters.statistics(
            memory: memory.statistics,
            timeouts: flights.timeouts,
            limiter: limiter.counts
        )
        statistics.oldestLoadAge = flights.oldestLoadAge
        statistics.breaker = namespace.breaker?.state
        statistics.logLag = coherence.lag
        statistics.writeBehind = writeBehind.withLock { $0 }?.call(())
        statistics.preloads = preloads.withLock { $0 }?.call(())
        return statistics
    }

    /// How many loads and writes are under way, and how many callers wait for them, for tests.
    package var activity: (flights: Int, waiting: Int) { (flights.count, flights.waiting.callers) }

    /// The position up to which the invalidation log has been applied here, for tests.
    package var appliedPosition: LogPosition? { coherence.position }

    /// Waits until a dictionary that is being trained is there, for tests.
    package func finishTraining() async { await store?.shelf?.finish() }

    /// How many deadlines are watched, for tests.
    package var watchedDeadlines: Int { flights.waiting.alarms }

    /// Encodes a key for the store, and refuses what is no key.
    func storeKey(_ key: Key) throws(CacheError) -> StoreKey {
        var encoder = CacheKeyEncoder(prefix: keyPrefix)
        key.encode(into: &encoder)
        let length = encoder.bytes.count - keyPrefix.count
        guard length > 0 else {
            throw CacheError(.invalidKey, "The key is empty; give it at least one byte in its encoded form.")
        }
        guard length <= maximumKeyBytes else {
            throw CacheError(
                .invalidKey,
                """
                The key has \(length) bytes in its encoded form and may have \(maximumKeyBytes); shorten it, hash it, \
                or raise maximumKeyBytes.
                """
            )
        }
        return name(of: StoreKey(bytes: encoder.bytes))
    }

    /// The name that an entry has in the store, for its encoded key.
    private func name(of key: StoreKey) -> StoreKey {
        guard namespace.concealsKeys, let encryption = namespace.encryption else { return key }
        let name = encryption.name(of: key.bytes.dropFirst(keyPrefix.count), in: namespace.name)
        return StoreKey(bytes: keyPrefix + name)
    }

    /// An invalidation by people who know keys, and not the names of entries.
    func named(_ record: InvalidationRecord) -> InvalidationRecord {
        guard case .keys(let keys) = record.target, namespace.concealsKeys else { return record }
        return InvalidationRecord(.keys(keys.map(name)), in: record.namespace, isSoft: record.isSoft)
    }

    @usableFromInline
    func countUnusedMemoryHit() { counters.unusedMemoryHits.increment() }

    @usableFromInline
    func countMiss(_ key: Key) { counters.countMiss(missReason(key, .skipStoreRead)) }

    func countFencedLoad(_ key: Key) {
        counters.fencedLoads.increment()
        noteDeparture(key, .fenced)
    }
}

extension TieredCache: SystemCache {
    func removeExpired() {
        memory.removeExpired()
    }

    func endFilling() async { await fills?.close() }
}
