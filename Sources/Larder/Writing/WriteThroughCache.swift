import MemoryCache

/// A cache whose writes go to the origin first: sink, then store, then memory.
///
/// ```swift
/// let users = WriteThroughCache(try caches.cache(.users), sink: UserSink(database))
/// try await users.setValue(user, forKey: user.id)      // the database has it when this returns
/// let user = try await users.cache.value(forKey: id) { id in try await database.user(id) }
/// ```
///
/// Writes of one key take effect one after the other, so that all tiers end with the last value that the sink took.
/// Loads of a key that are under way when it is written are not stored. Read through ``cache``.
public final class WriteThroughCache<Key: CacheKey, Value: Sendable>: Sendable {
    /// The tiers, for reads.
    public let cache: TieredCache<Key, Value>

    private let caller: SinkCaller<Key, Value>
    private let source = UInt64.random(in: 0...UInt64.max)
    private let numbers: Locked<SequenceNumbers>

    /// Puts a sink before the tiers of a cache.
    ///
    /// - Parameters:
    ///   - cache: The tiers.
    ///   - sink: Where writes go first.
    ///   - sinkTimeout: How long the sink may take, more than zero.
    public init(
        _ cache: TieredCache<Key, Value>,
        sink: some WriteSink<Key, Value>,
        sinkTimeout: Duration = .seconds(30)
    ) {
        self.cache = cache
        caller = SinkCaller(sink, timeout: sinkTimeout, clock: cache.clock)
        numbers = Locked(SequenceNumbers(fence: WallTime.minutes))
    }

    /// Writes a value to the sink, then to all tiers.
    ///
    /// If the sink throws or rejects, all tiers stay as they were. If the sink does not answer in time, or the task is
    /// cancelled while it works, the sink may or may not have the value: the entry is removed, and the next read asks
    /// the origin. If the store fails after the sink has taken the value, the call succeeds; no tier serves the old
    /// value in this process.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - key: The key of the entry, as for ``TieredCache/setValue(_:forKey:policy:)``.
    ///   - policy: The policy of the entry; the namespace's unless given.
    /// - Throws: The sink's error; ``CacheError`` with the code `writeRejected`, `sinkFailed` or `sinkTimedOut`, or what
    ///   ``TieredCache/setValue(_:forKey:policy:)`` throws.
    public func setValue(_ value: Value, forKey key: Key, policy: CachePolicy? = nil) async throws {
        try await write(.put(value), keeping: value, key, policy)
    }

    /// Removes a value from the sink, then from all tiers.
    ///
    /// - Parameter key: The key of the entry.
    /// - Throws: What ``setValue(_:forKey:policy:)`` throws.
    public func removeValue(forKey key: Key) async throws {
        try await write(.delete, keeping: nil, key, nil)
    }

    /// Has the sink merge a value into what it has, then removes the entry from all tiers, so that the next read learns
    /// what came of it.
    ///
    /// - Parameters:
    ///   - operand: What is merged.
    ///   - key: The key of the entry.
    /// - Throws: What ``setValue(_:forKey:policy:)`` throws.
    public func mergeValue(_ operand: Value, forKey key: Key) async throws {
        try await write(.merge(operand), keeping: nil, key, nil)
    }

    private func write(
        _ change: WriteChange<Value>,
        keeping value: Value?,
        _ key: Key,
        _ policy: CachePolicy?
    ) async throws {
        var uncertainty: (any Error)?
        try await cache.write(value, forKey: key, policy: policy) {
            do {
                try await commit(change, key)
                return .taken
            } catch  where error is CancellationError || (error as? CacheError)?.code == .sinkTimedOut {
                uncertainty = error
                return .uncertain
            }
        }
        if let uncertainty { throw uncertainty }
    }

    private func commit(_ change: WriteChange<Value>, _ key: Key) async throws {
        // Numbered while the key is held, so that numbers grow in the order in which the sink gets them.
        let number = numbers.withLock { $0.next() }
        let token = IdempotencyToken(source: source, number: number)
        let write = SinkWrite(key: key, change: change, sequence: number, token: token)
        switch try await caller.write([write]).first {
        case .done: return
        case .rejected(let reason):
            throw CacheError(.writeRejected, "The sink rejected the write: \(reason). Change the value or the sink.")
        case .retry(let reason):
            throw CacheError(.sinkFailed, "The sink cannot take the write now: \(reason). Try again later.")
        case nil:
            throw CacheError(.sinkFailed, "The sink did not say what became of the write.")
        }
    }
}
