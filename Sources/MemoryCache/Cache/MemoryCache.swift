public import Synchronization

/// A bounded cache in process memory that any number of threads may use at once.
///
/// ```swift
/// let users = try MemoryCache<Int, User>(capacity: .entries(10_000))
/// users.setValue(user, forKey: user.id, timeToLive: .seconds(60))
/// let cached = users.value(forKey: 7)
/// ```
///
/// Entries are spread over shards by their hash, each with a lock of its own that readers pass side by side.
/// Keys and values that leave are released after all locks are free, on the thread whose call removed them. The
/// `==` and `hash(into:)` of keys run inside and must not call the cache.
///
/// - Complexity: Reads, writes and removals of one key are O(1) on average. A read neither allocates nor
///   suspends.
public final class MemoryCache<Key: Hashable & Sendable, Value: Sendable>: @unchecked Sendable {
    // Safe to share: `shards` and `lanes` are constant pointers to what their locks guard; all else is constant
    // or atomic.

    /// Computes the weight of an entry; the result counts as at least 1, so that the number of entries is bounded too.
    public typealias Weigher = @Sendable (Key, Value) -> Int

    /// Is told of each entry that leaves, with the cause.
    public typealias RemovalListener = @Sendable (Key, Value, RemovalCause) -> Void

    @usableFromInline let hasher = KeyHasher()
    @usableFromInline let shards: ShardTable<Key, Value>
    @usableFromInline let lanes: ReaderLanes
    /// Which reads the observer is shown; see ``show(_:_:_:)``.
    @usableFromInline let observed = Atomic<UInt64>(0)
    let observer: ReadObserver?
    /// The turns of the readers who have no lane, which is most of those in a process with more threads than lanes.
    let turnsWithoutLane = Atomic<Int>(0)
    /// How many lanes readers may use: all, or none while reads are recorded.
    @usableFromInline let openLanes: Atomic<Int>
    let recording = RecordingSlot()
    @usableFromInline let time: TimeSource
    @usableFromInline let weigher: Weigher?
    @usableFromInline let removalListener: RemovalListener?
    @usableFromInline let unit: MemoryCapacity.Unit
    @usableFromInline let maximumEntryWeight: Int
    /// What a deadline weighs.
    @usableFromInline let deadlineWeight: Int
    @usableFromInline let limit: Atomic<Int>
    @usableFromInline let totalWeight = Atomic<Int>(0)

    /// Makes an empty cache.
    ///
    /// - Parameters:
    ///   - capacity: How much the cache may hold, at least 1.
    ///   - maximumEntryWeight: The weight above which an entry is not stored, so that one of them cannot wash out
    ///     all others; `nil` for the capacity.
    ///   - timeToIdle: How long an entry may stay unread, above zero; each read, and each write, begins that time
    ///     anew. `nil` for as long as its time to live.
    ///   - clock: The clock of the entries' lifetimes; `nil` for the system's monotonic clock, read in steps of
    ///     a few milliseconds.
    ///   - weigher: The weight of an entry, for a capacity in weights; `nil` weighs each entry 1. For a capacity in bytes,
    ///     those that key and value hold outside of themselves; `nil` asks them, see ``HeapSized``. It is called once per
    ///     write and must return the same weight for the same entry.
    ///   - removalListener: Is told of each entry that leaves; it may call the cache.
    /// - Throws: ``MemoryCacheError`` if the capacity is less than 1, or in bytes of which nobody knows how many an entry
    ///   holds.
    public convenience init(
        capacity: MemoryCapacity,
        maximumEntryWeight: Int? = nil,
        timeToIdle: Duration? = nil,
        clock: (any Clock<Duration>)? = nil,
        weigher: Weigher? = nil,
        removalListener: RemovalListener? = nil
    ) throws(MemoryCacheError) {
        try self.init(
            capacity: capacity,
            maximumEntryWeight: maximumEntryWeight,
            timeToIdle: timeToIdle,
            time: TimeSource(clock),
            weigher: weigher,
            removalListener: removalListener
        )
    }

    /// Makes an empty cache on a time source that the caller reads too, with a number of shards that it chose, or with reads
    /// as on systems that give writers no barrier; and with somebody who is shown reads.
    package init(
        capacity: MemoryCapacity,
        maximumEntryWeight: Int? = nil,
        timeToIdle: Duration? = nil,
        time: TimeSource,
        weigher: Weigher? = nil,
        removalListener: RemovalListener? = nil,
        observer: ReadObserver? = nil,
        shards: Int? = nil,
        fencesReads: Bool = false
    ) throws(MemoryCacheError) {
        try Self.check(capacity)
        unit = capacity.unit
        limit = Atomic(capacity.limit)
        lanes = ReaderLanes(processors: ThreadNumbers.processors, areFenced: fencesReads)
        openLanes = Atomic(lanes.count)
        self.maximumEntryWeight = maximumEntryWeight ?? .max
        self.time = time
        switch capacity.unit {
        case .entries: self.weigher = nil
        case .weight: self.weigher = weigher
        case .bytes: self.weigher = try Self.byteWeigher(weigher, isIdleTimed: timeToIdle != nil)
        }
        deadlineWeight = capacity.unit == .bytes && timeToIdle == nil ? Shard<Key, Value>.bytesPerDeadline : 0
        self.removalListener = removalListener
        self.observer = observer
        let count = shards ?? Self.shardCount(for: capacity)
        let share = max(1, capacity.limit / count)
        let weighs = self.weigher != nil
        let idleTime = timeToIdle.map { UInt64(clamping: max(1, $0.wholeNanoseconds)) } ?? 0
        self.shards = ShardTable(count: count) { Shard(share: share, weighs: weighs, idleTime: idleTime) }
    }
}
