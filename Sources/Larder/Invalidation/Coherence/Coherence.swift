import MemoryCache
public import Synchronization

/// Keeps what one namespace has in memory in step with the invalidation log: an ``InvalidationNode`` that many threads
/// share.
///
/// Without a log that processes share, the namespace has a log of its own that is nothing but a count.
@usableFromInline
final class Coherence: Sendable {
    private struct State {
        var node: InvalidationNode
        /// The end of the namespace's own log, where there is no shared one.
        var end = LogPosition(epoch: 1, offset: 0)
    }

    /// The wait for what the log has to say at first.
    private struct Beginning {
        var isOver = false
        var waiters: [CheckedContinuation<Void, Never>] = []
        /// Who tells what the log says; kept here, so that a cache outlives its system.
        var reader: LogReader?
        var task: Task<Void, Never>?
    }

    /// The log that processes share.
    let log: (any InvalidationLog)?

    private let clock: CacheClock
    private let state: Locked<State>
    private let isReady = Atomic(false)
    private let beginning = Locked(Beginning())
    private let effect = Locked<Callback<InvalidationNode.Effects, Void>?>(nil)
    @usableFromInline let newestLazy = Atomic<UInt64>(0)
    /// Until when memory is trusted if the log stays silent.
    @usableFromInline let trustEnd = Atomic<UInt64>(0)
    private let newestKnown = Atomic<UInt64>(0)

    init(
        namespace: String,
        keyPrefix: StoreKey,
        log: (any InvalidationLog)?,
        configuration: InvalidationNode.Configuration,
        judgesKeys: Bool,
        clock: CacheClock
    ) {
        self.log = log
        self.clock = clock
        let node = InvalidationNode(
            namespace: namespace,
            keyPrefix: keyPrefix,
            configuration: configuration,
            judgesKeys: judgesKeys,
            fences: log == nil ? Fences.complete.subtracting(.silence) : .complete
        )
        state = Locked(State(node: node))
        // A log of one's own begins here; of a shared one nothing is known yet.
        if log == nil { apply(LogBatch(records: [], position: LogPosition(epoch: 1, offset: 0), isAfterGap: true)) }
        publish()
    }

    deinit {
        beginning.withLock { $0.task }?.cancel()
    }

    /// Says what to do with the tiers because of records.
    func onEffects(_ body: @escaping @Sendable (InvalidationNode.Effects) -> Void) {
        effect.withLock { $0 = Callback(body) }
    }

    // MARK: Beginning

    /// Has the node told what the log still has, in the background.
    ///
    /// - Parameters:
    ///   - reader: Who tells it.
    ///   - patience: How long reads wait for that. Past it, the node is cut off until it is done.
    func join(_ reader: LogReader, patience: Duration) {
        let alarm = clock.alarm(after: patience)
        let timer = Task.detached { [weak self] in
            try? await alarm()
            self?.endBeginning()
        }
        let task = Task.detached { [weak self] in
            await reader.join { [weak self] in self }
            self?.endBeginning()
            timer.cancel()
        }
        beginning.withLock { beginning in
            beginning.reader = reader
            beginning.task = task
        }
    }

    private func endBeginning() {
        let waiters = beginning.withLock { beginning in
            beginning.isOver = true
            isReady.store(true, ordering: .releasing)
            defer { beginning.waiters = [] }
            return beginning.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Whether reads need not wait any more.
    var isPrepared: Bool { log == nil || isReady.load(ordering: .acquiring) }

    /// Waits until the node knows what the log has, or the patience is over.
    func prepare() async {
        if isPrepared { return }
        await withCheckedContinuation { continuation in
            let isOver = beginning.withLock { beginning in
                if !beginning.isOver { beginning.waiters.append(continuation) }
                return beginning.isOver
            }
            if isOver { continuation.resume() }
        }
    }

    // MARK: Records

    /// The position up to which the log has been applied.
    var position: LogPosition? { state.withLock { $0.node.position } }

    /// Applies what the log has answered.
    func apply(_ batch: LogBatch, askedAt asked: UInt64? = nil) {
        let asked = asked ?? clock.now
        carryOut(state.withLock { $0.node.apply(batch, askedAt: Self.time(asked)) })
    }

    /// Applies records that this process has appended.
    ///
    /// - Parameters:
    ///   - records: The records of one append.
    ///   - end: The position behind them; `nil` where there is no shared log.
    func apply(_ records: [InvalidationRecord], endingAt end: LogPosition?) {
        carryOut(
            state.withLock { state in
                if let end { return state.node.apply(records, endingAt: end) }
                let logged = records.map { record in
                    state.end.offset += 1
                    return LoggedInvalidation(record, at: state.end.offset)
                }
                return state.node.apply(LogBatch(records: logged, position: state.end), askedAt: .zero)
            }
        )
    }

    /// The mark of a position that an append has returned; that of now where there is no shared log.
    func mark(of position: LogPosition?) -> LogMark {
        guard let position else { return now }
        return state.withLock { $0.node.index.mark(of: position) }
    }

    private func carryOut(_ effects: InvalidationNode.Effects) {
        // Before the effects: what is put into memory from here on is compared with the records.
        publish()
        effect.withLock { $0 }?.call(effects)
    }

    /// Says to the hit path what the node knows.
    private func publish() {
        state.withLock { state in
            newestLazy.store(state.node.index.newestLazy.number, ordering: .releasing)
            newestKnown.store(state.node.index.now.number, ordering: .releasing)
            trustEnd.store(UInt64(clamping: state.node.trustEnd.wholeNanoseconds), ordering: .releasing)
        }
    }

    private static func time(_ now: UInt64) -> Duration { .nanoseconds(Int64(clamping: now)) }
}

// MARK: - What may be served and stored

extension Coherence {
    /// What a hit compares the mark of its entry with: an entry with this mark or a later one is valid.
    ///
    /// The end of the trust is compared here, and not noted by a timer: in a process that was held up, reads may come
    /// before any timer.
    @inlinable
    @inline(__always)
    func lazyMark(at now: UInt64) -> UInt64 {
        now <= trustEnd.load(ordering: .acquiring) ? newestLazy.load(ordering: .acquiring) : .max
    }

    /// Whether nothing has been heard from the log for too long.
    var isCutOff: Bool {
        let now = Self.time(clock.now)
        return state.withLock { $0.node.isCutOff(at: now) }
    }

    /// The mark of who comes now.
    var now: LogMark { LogMark(newestKnown.load(ordering: .acquiring)) }

    /// Judges an entry of memory.
    func service(ofEntryFrom mark: UInt64, key: StoreKey, tags: Set<String>) -> InvalidationNode.Service {
        let now = Self.time(clock.now)
        return state.withLock { $0.node.service(ofEntryFrom: LogMark(mark), key: key, tags: tags, at: now) }
    }

    /// Begins a miss, before it reads the store.
    func beginLoad() -> InvalidationNode.LoadTicket {
        let now = Self.time(clock.now)
        return state.withLock { $0.node.beginLoad(at: now) }
    }

    /// Whether a tombstone that was set since a ticket was taken still stands.
    func isInTime(_ ticket: InvalidationNode.LoadTicket) -> Bool {
        let now = Self.time(clock.now)
        return state.withLock { $0.node.isInTime(ticket, at: now) }
    }

    /// Judges an entry of the store.
    ///
    /// Without a shared log no entry tells where in it its load began; the store's own order is all there is.
    func admission(
        ofStoredFrom position: LogPosition?,
        key: StoreKey,
        tags: Set<String>,
        ticket: InvalidationNode.LoadTicket
    ) -> (service: InvalidationNode.Service, memoryMark: LogMark?) {
        let now = Self.time(clock.now)
        return state.withLock { state in
            guard log != nil else {
                let isTouched = state.node.index.isTouched(key, tags: tags, since: ticket.mark)
                return isTouched ? (.none, nil) : (.hit(ticket.mark), ticket.mark)
            }
            guard let position else { return (.none, nil) }
            return state.node.admission(ofStoredFrom: position, key: key, tags: tags, ticket: ticket, at: now)
        }
    }

    /// Decides where a loaded value goes.
    func outcome(
        of ticket: InvalidationNode.LoadTicket,
        key: StoreKey,
        tags: Set<String>,
        seen version: StoreVersion?
    ) -> InvalidationNode.LoadOutcome {
        let now = Self.time(clock.now)
        return state.withLock { $0.node.outcome(of: ticket, key: key, tags: tags, seen: version, at: now) }
    }

    /// Whether anything may have touched a key since a mark.
    func isTouched(_ key: StoreKey, tags: Set<String>, since mark: LogMark) -> Bool {
        state.withLock { $0.node.index.isTouched(key, tags: tags, since: mark) }
    }

    /// Whether an entry is stale because of an invalidation, and not only because the log is silent.
    func isInvalid(_ key: StoreKey, tags: Set<String>, from mark: LogMark) -> Bool {
        state.withLock { $0.node.index.validity(ofEntryFrom: mark, key: key, tags: tags) != .valid }
    }

    /// What kind of invalidation has touched an entry.
    func missReason(_ key: StoreKey, tags: Set<String>, from mark: LogMark) -> MissReason {
        state.withLock { $0.node.index.missReason(ofEntryFrom: mark, key: key, tags: tags) }
    }

    /// For how long the log may have had records that are not applied here; `nil` without a shared log.
    var lag: Duration? {
        guard log != nil else { return nil }
        let now = Self.time(clock.now)
        return state.withLock { state in max(.zero, now - (state.node.lastContact ?? .zero)) }
    }

    /// Whether something that was valid at a mark must not be served any more, not even as stale.
    func isRemoved(_ key: StoreKey, tags: Set<String>, since mark: LogMark) -> Bool {
        state.withLock { $0.node.index.isRemoved(key, tags: tags, since: mark) }
    }

    /// The position that an entry of the store carries.
    func position(of mark: LogMark) -> LogPosition? {
        log == nil ? nil : state.withLock { $0.node.index.position(of: mark) }
    }
}
