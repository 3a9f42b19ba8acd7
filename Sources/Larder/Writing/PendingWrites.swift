import MemoryCache

/// The writes that the sink does not have yet, and which of them are its turn: a value type that knows no clock, no
/// journal and no task.
///
/// Each key has a queue. The first of it may go to the sink when the journal has it; the others wait until that one is
/// settled, so the sink gets the writes of a key in their order.
struct PendingWrites<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    typealias Write = PendingWrite<Key, Value>

    /// What the drain does next.
    enum Step: Sendable {
        case write(PendingBatch<Key, Value>)
        /// Nothing before a moment, unless something happens.
        case wait(until: UInt64)
    }

    struct Queue: Sendable {
        enum Phase: Sendable {
            /// Nothing of it may go to the sink.
            case idle
            /// The first write is among the ready ones.
            case ready
            /// The first write is in the hands of the sink.
            case running
            /// The first write has failed and rests.
            case resting
        }

        var writes: [Write] = []
        var phase = Phase.idle
    }

    let policy: WriteBehindPolicy
    let rule: MergeRule<Value>?

    var queues: [Key: Queue] = [:]
    /// The keys whose first write waits for others to share a call with, in the order in which they came.
    var ready = FIFO<Key>()
    /// The keys whose first write waits for nothing but its turn.
    var urgent = FIFO<Key>()
    /// The keys whose first write has failed, by the moment to try it again.
    var resting = Timeline<Key>()
    var readyBytes = 0
    var running = 0
    /// Whether nothing waits for others to share a call with.
    var isFlushing = false

    private(set) var writes = 0
    private(set) var bytes = 0
    private var numbers: SequenceNumbers

    var statistics = WriteBehindStatistics()

    init(policy: WriteBehindPolicy, rule: MergeRule<Value>?, fence: UInt64) {
        self.policy = policy
        self.rule = rule
        numbers = SequenceNumbers(fence: fence)
    }

    var isEmpty: Bool { queues.isEmpty }

    // MARK: Accepting

    /// Whether a write of some bytes may be accepted.
    func hasRoom(for added: Int) -> Bool {
        if writes == 0 { return true }
        return writes < policy.maximumPendingWrites && bytes + added <= policy.maximumPendingBytes
    }

    /// Accepts a write behind all others of its key.
    ///
    /// - Returns: Its number.
    mutating func accept(
        _ change: WriteChange<Value>,
        _ key: Key,
        _ storeKey: StoreKey,
        bytes: Int,
        now: UInt64,
        stage: Write.Stage,
        isJournaled: Bool = true,
        isDirect: Bool = false
    ) -> UInt64 {
        let sequence = numbers.next()
        insert(
            Write(
                key: key,
                storeKey: storeKey,
                change: change,
                sequences: [sequence],
                bytes: bytes,
                since: now,
                stage: stage,
                isJournaled: isJournaled,
                isDirect: isDirect
            )
        )
        statistics.accepted += 1
        return sequence
    }

    /// A number for a dead letter that is to be tried again.
    mutating func nextNumber() -> UInt64 { numbers.next() }

    /// Puts a write behind all others of its key, bounds or not.
    mutating func insert(_ write: Write) {
        queues[write.key, default: Queue()].writes.append(write)
        writes += write.sequences.count
        bytes += write.bytes
        settleDown(write.key)
    }

    /// Notes that the journal has a write.
    mutating func noteSaved(_ sequence: UInt64, _ key: Key) {
        guard let index = queues[key]?.writes.firstIndex(where: { $0.sequences == [sequence] }) else { return }
        queues[key]?.writes[index].stage = .ready
        settleDown(key)
    }

    /// Takes back a write that the journal does not have.
    mutating func withdraw(_ sequence: UInt64, _ key: Key) {
        guard let index = queues[key]?.writes.firstIndex(where: { $0.sequences == [sequence] }) else { return }
        guard let write = queues[key]?.writes.remove(at: index) else { return }
        writes -= 1
        bytes -= write.bytes
        statistics.accepted -= 1
        settleDown(key)
    }

    /// What the writes of a key together do to what the tiers below hold, or `nil` if none is pending.
    func change(of key: Key) -> WriteChange<Value>? {
        guard let queue = queues[key] else { return nil }
        var change: WriteChange<Value>?
        for write in queue.writes where write.stage != .saving && !write.isDirect {
            change = change?.followed(by: write.change, merging: rule) ?? write.change
        }
        return change
    }

    // MARK: Queues

    /// Merges what may be merged, forgets a queue that is empty, and has the first write wait for its turn.
    mutating func settleDown(_ key: Key) {
        guard var queue = queues[key] else { return }
        // Moved out, so that changing it copies nothing.
        queues[key] = nil
        defer { if !queue.writes.isEmpty { queues[key] = queue } }
        if policy.coalescesWrites { merge(&queue) }
        guard case .idle = queue.phase, let first = queue.writes.first, first.stage == .ready else { return }
        queue.phase = .ready
        if first.isDirect || first.token != nil {
            urgent.append(key)
        } else {
            ready.append(key)
            readyBytes += first.bytes
        }
    }

    private mutating func merge(_ queue: inout Queue) {
        var index = 0
        while index + 1 < queue.writes.count {
            guard queue.writes[index].isMergeable, queue.writes[index + 1].isMergeable else {
                index += 1
                continue
            }
            let newer = queue.writes.remove(at: index + 1)
            let older = queue.writes[index].change
            queue.writes[index].change = older.followed(by: newer.change, merging: rule)
            queue.writes[index].sequences += newer.sequences
            queue.writes[index].bytes += newer.bytes
            if index == 0, case .ready = queue.phase { readyBytes += newer.bytes }
            statistics.coalesced += 1
        }
    }

    /// Removes the first write of a queue, which is settled.
    mutating func removeFirst(of key: Key) {
        guard var queue = queues.removeValue(forKey: key) else { return }
        let write = queue.writes.removeFirst()
        writes -= write.sequences.count
        bytes -= write.bytes
        queue.phase = .idle
        if !queue.writes.isEmpty { queues[key] = queue }
        settleDown(key)
    }

    /// How long the oldest write has been pending.
    func age(now: UInt64) -> Duration {
        guard let oldest = queues.values.compactMap({ $0.writes.first?.since }).min() else { return .zero }
        return Deadline.duration(until: now, from: oldest)
    }
}
