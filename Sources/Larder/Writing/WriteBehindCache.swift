public import Logging
import MemoryCache
import Synchronization

/// A cache whose writes are kept in a journal, and reach the origin in batches behind the caller's back.
///
/// ```swift
/// let views = try await WriteBehindCache(
///     caches.cache(.views),
///     sink: ViewSink(database),
///     journal: SQLiteWriteJournal(path: "views.journal"),
///     merging: .adding
/// )
/// try await views.mergeValue(1, forKey: note)      // on the disk when this returns
/// ```
///
/// A write is acknowledged once the journal has it on the disk, and the cache serves it from then on: after an
/// eviction, after a restart, until the sink has it. Killing the process at any instruction loses nothing that was
/// acknowledged and reorders nothing within a key. See <doc:Writing>.
///
/// Run it as a `Service`; without that, writes are kept and not handed to the sink. List it behind the
/// ``CacheSystem`` and before the services that write, so that it stops between them. One cache has one journal to
/// itself, and its keys can be read back from their encoded form.
public final class WriteBehindCache<Key: DecodableCacheKey, Value: Sendable>: Sendable {
    /// The tiers, which know nothing of what is pending.
    public let cache: TieredCache<Key, Value>

    /// How writes are kept, gathered and retried.
    public let policy: WriteBehindPolicy

    let journal: any WriteJournal
    let caller: SinkCaller<Key, Value>
    let coder: WriteCoder<Key, Value>
    let rule: MergeRule<Value>?
    let clock: CacheClock
    let logger: Logger
    let wakeUp: WakeUp
    /// The random number of the journal.
    let source: UInt64
    let state: Locked<WriteBehindState<Key, Value>>
    /// How many keys have pending writes, for reads that need not take the lock while there are none.
    let pendingKeys = Atomic<Int>(0)

    /// Opens a journal, and takes up what an earlier process left in it.
    ///
    /// - Parameters:
    ///   - cache: The tiers. Its namespace has to have a codec, for the journal keeps bytes.
    ///   - sink: Where the writes go.
    ///   - journal: Keeps the writes until the sink has them.
    ///   - rule: How merge writes combine values, for ``mergeValue(_:forKey:)``.
    ///   - policy: How writes are kept, gathered and retried.
    ///   - logger: Where the cache tells of dead letters and of a failing journal.
    /// - Throws: ``CacheError`` for a policy out of range, with the code `journalInUse` if another process has the
    ///   journal, or with the code `journalUnavailable` and what kept the journal from being opened.
    public init(
        _ cache: TieredCache<Key, Value>,
        sink: some WriteSink<Key, Value>,
        journal: any WriteJournal,
        merging rule: MergeRule<Value>? = nil,
        policy: WriteBehindPolicy = WriteBehindPolicy(),
        logger: Logger = .current
    ) async throws {
        try policy.validate()
        guard let codec = cache.namespace.codec else {
            throw CacheError(
                .invalidConfiguration,
                "The namespace \"\(cache.namespace.name)\" has no codec, which a journal needs; give it one."
            )
        }
        guard !cache.namespace.concealsKeys else {
            throw CacheError(
                .invalidConfiguration,
                "The namespace \"\(cache.namespace.name)\" conceals its keys, which a journal has to read back; leave that out."
            )
        }
        let contents: JournalContents
        do {
            contents = try await journal.open()
        } catch {
            throw Self.journalFailure(error)
        }
        self.cache = cache
        self.policy = policy
        self.journal = journal
        self.rule = rule
        self.logger = logger
        clock = cache.clock
        wakeUp = WakeUp(clock: cache.clock)
        caller = SinkCaller(sink, timeout: policy.sinkTimeout, clock: cache.clock)
        coder = WriteCoder(
            codec: codec,
            schema: SchemaReader(codec, cache.namespace.schema),
            encryption: cache.encryption,
            isConfidential: cache.namespace.isConfidential,
            keyPrefix: cache.keyPrefix
        )
        source = contents.identifier
        state = Locked(
            WriteBehindState(pending: PendingWrites(policy: policy, rule: rule, fence: contents.fence))
        )
        if let loss = contents.loss { report(loss) }
        try await takeUp(contents.records)
        cache.writeBehind.withLock { $0 = Callback { [weak self] in self?.statistics } }
    }

    /// What the cache has done since it was made, and what is pending.
    ///
    /// - Complexity: O(keys with pending writes).
    public var statistics: WriteBehindStatistics {
        let now = clock.now
        return state.withLock { state in
            var statistics = state.pending.statistics
            statistics.pendingWrites = state.pending.writes
            statistics.pendingBytes = state.pending.bytes
            statistics.oldestAge = state.pending.age(now: now)
            return statistics
        }
    }

    /// Changes the state under the lock, and wakes the drain if it has something to do before it meant to wake.
    func update<Result>(_ body: (inout WriteBehindState<Key, Value>) -> Result) -> Result {
        let now = clock.now
        let (result, isOverslept) = state.withLock { state in
            let result = body(&state)
            pendingKeys.store(state.pending.queues.count, ordering: .relaxed)
            return (result, state.overslept(now: now))
        }
        if isOverslept { wakeUp.signal() }
        return result
    }

    /// What a failure of the journal means to a caller.
    static func journalFailure(_ error: any Error) -> CacheError {
        if let error = error as? CacheError { return error }
        return CacheError(
            .journalUnavailable,
            "The journal failed, and the write was not kept. Check its disk, and try again.",
            underlyingError: error
        )
    }

    /// Notes how a call of the journal ended, and logs when it begins to fail and when it works again.
    func noteJournal(_ error: (any Error)?) {
        let isNews = state.withLock { state in
            if error != nil { state.pending.statistics.journalFailures += 1 }
            defer { state.isJournalFailing = error != nil }
            return state.isJournalFailing != (error != nil)
        }
        guard isNews else { return }
        if let error {
            logger.warning("The journal fails; writes are refused until it works", metadata: ["error": "\(error)"])
        } else {
            logger.info("The journal works again")
        }
    }

    private func report(_ loss: JournalLoss) {
        logger.error(
            "The journal was damaged; it was set aside, and what could be read of it was kept",
            metadata: [
                "salvaged": "\(loss.salvaged)", "damaged": "\(loss.damaged)", "gaps": "\(loss.gaps)",
                "path": "\(loss.path)",
            ]
        )
    }
}
