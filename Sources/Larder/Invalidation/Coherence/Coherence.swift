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

    /// The log that processes share.
    let log: (any InvalidationLog)?

    private let clock: CacheClock
    private let state: Locked<State>
    private let silence: DeadlineWatch
    private let isReady = Atomic(false)
    private let readiness = Locked<Task<Void, Never>?>(nil)
    private let effect = Locked<(@Sendable (InvalidationNode.Effects) -> Void)?>(nil)
    @usableFromInline let newestLazy = Atomic<UInt64>(0)
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
        silence = DeadlineWatch(clock: clock)
        silence.expire = { [weak self] _ in
            self?.publish()
            return nil
        }
        // A log of one's own begins here; of a shared one nothing is known yet.
        if log == nil { apply(LogBatch(records: [], position: LogPosition(epoch: 1, offset: 0), isAfterGap: true)) }
        publish()
    }

    /// Says what to do with the tiers because of records.
    func onEffects(_ body: @escaping @Sendable (InvalidationNode.Effects) -> Void) {
        effect.withLock { $0 = body }
    }

    // MARK: Beginning

    /// Has the node told what the log still has, in the background.
    ///
    /// - Parameters:
    ///   - reader: Who tells it.
    ///   - patience: How long reads wait for that. Past it, the node is cut off until it is done.
    func join(_ reader: LogReader, patience: Duration) {
        let joining = Task.detached { [weak self] in
            guard let self else { return }
            await reader.join(self)
        }
        let task = Task.detached { [weak self, clock] in
            await withTaskGroup { group in
                group.addTask { await joining.value }
                group.addTask { try? await clock.sleep(patience) }
                await group.next()
                group.cancelAll()
                self?.isReady.store(true, ordering: .releasing)
            }
        }
        readiness.withLock { $0 = task }
    }

    /// Whether reads need not wait any more.
    var isPrepared: Bool { log == nil || isReady.load(ordering: .acquiring) }

    /// Waits until the node knows what the log has, or the patience is over.
    func prepare() async {
        await readiness.withLock { $0 }?.value
    }

    // MARK: Records

    /// The position up to which the log has been applied.
    var position: LogPosition? { state.withLock { $0.node.position } }

    /// Applies what the log has answered.
    func apply(_ batch: LogBatch, askedAt asked: UInt64? = nil) {
        let asked = asked ?? clock.now
        carryOut(state.withLock { $0.node.apply(batch, askedAt: Self.time(asked)) })
        if log != nil {
            let patience = state.withLock { $0.node.configuration.maximumSilence }
            silence.cover(Deadline.after(patience + .milliseconds(1), from: asked))
        }
    }

    /// Applies records that this process has appended.
    ///
    /// - Parameters:
    ///   - records: The records of one append.
    ///   - end: The position behind them; `nil` where there is no shared log.
    func apply(_ records: [InvalidationRecord], endingAt end: LogPosition?) {
        carryOut(
            state.withLock { state in
                if end == nil { state.end.offset += UInt64(records.count) }
                return state.node.apply(records, endingAt: end ?? state.end)
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
        effect.withLock { $0 }?(effects)
    }

    private func publish() {
        let now = Self.time(clock.now)
        state.withLock { state in
            let isCutOff = state.node.isCutOff(at: now)
            newestLazy.store(isCutOff ? .max : state.node.index.newestLazy.number, ordering: .releasing)
            newestKnown.store(state.node.index.now.number, ordering: .releasing)
        }
    }

    private static func time(_ now: UInt64) -> Duration { .nanoseconds(Int64(clamping: now)) }
}

// MARK: - What may be served and stored

extension Coherence {
    /// What a hit compares the mark of its entry with: an entry with this mark or a later one is valid.
    @inlinable
    @inline(__always)
    var lazyMark: UInt64 { newestLazy.load(ordering: .acquiring) }

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

    /// The newest record that touched a key since a load began; `nil` if none did.
    func touch(of key: StoreKey, tags: Set<String>, since ticket: InvalidationNode.LoadTicket) -> LogMark? {
        let touch = state.withLock { $0.node.index.newestTouch(of: key, tags: tags, since: ticket.mark) }
        return touch > ticket.mark ? touch : nil
    }

    /// The position that an entry of the store carries.
    func position(of mark: LogMark) -> LogPosition? {
        log == nil ? nil : state.withLock { $0.node.index.position(of: mark) }
    }
}
