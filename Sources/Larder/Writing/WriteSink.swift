/// The write side of an origin: what write-through and write-behind caches hand their writes to.
///
/// ```swift
/// struct UserSink: WriteSink {
///     let database: Database
///
///     func write(_ writes: [SinkWrite<UUID, User>]) async throws -> [SinkResult] {
///         try await database.transaction { transaction in
///             for write in writes { try transaction.apply(write.change, to: write.key) }
///         }
///         return writes.map { _ in .done }
///     }
/// }
/// ```
///
/// ## What a sink is given
///
/// - Each key at most once in a call, and a key never in two calls at the same time, with one exception: a call that
///   passed its time limit is given up, and may still take effect late.
/// - The writes of a key in their order, with growing ``SinkWrite/sequence`` numbers. A sink that may take effect late
///   refuses, or ignores, a write whose sequence number is lower than the last that it took for the key.
/// - A write whose result was lost again, with the same ``SinkWrite/token``. Putting and deleting twice does no harm;
///   a sink that takes merges keeps the tokens it has seen, or the last sequence number of each key.
public protocol WriteSink<Key, Value>: Sendable {
    /// What names the values.
    associatedtype Key: CacheKey

    /// The type of the values.
    associatedtype Value: Sendable

    /// Takes writes.
    ///
    /// - Parameter writes: The writes, at least one, of different keys.
    /// - Returns: One result for each write, in the order of `writes`.
    /// - Throws: Whatever kept the sink from taking any of them. Write-behind tries all of them again later, in smaller
    ///   batches, so that one that breaks its batch is found; write-through throws the error to the caller.
    func write(_ writes: [SinkWrite<Key, Value>]) async throws -> [SinkResult]
}

/// One write on its way into a sink.
public struct SinkWrite<Key: CacheKey, Value: Sendable>: Sendable {
    /// What is written.
    public var key: Key

    /// What the write does.
    public var change: WriteChange<Value>

    /// The place of the write among all writes of its cache: a later write of a key has a higher number, over
    /// restarts too.
    public var sequence: UInt64

    /// What tells this write from all others, the same each time it is tried.
    public var token: IdempotencyToken

    /// Makes a write.
    ///
    /// - Parameters:
    ///   - key: What is written.
    ///   - change: What the write does.
    ///   - sequence: The place of the write among all writes.
    ///   - token: What tells this write from all others.
    public init(key: Key, change: WriteChange<Value>, sequence: UInt64, token: IdempotencyToken) {
        self.key = key
        self.change = change
        self.sequence = sequence
        self.token = token
    }
}

/// What tells a write from all others, the same each time it is tried.
public struct IdempotencyToken: Hashable, Sendable, CustomStringConvertible {
    /// The journal, or the write-through cache, that the write belongs to: a random number.
    public let source: UInt64

    /// The number of the write in its source.
    public let number: UInt64

    /// Makes a token.
    ///
    /// - Parameters:
    ///   - source: The journal or cache that the write belongs to.
    ///   - number: The number of the write in its source.
    public init(source: UInt64, number: UInt64) {
        self.source = source
        self.number = number
    }

    /// Both numbers in hexadecimal digits, joined by a hyphen.
    public var description: String { String(source, radix: 16) + "-" + String(number, radix: 16) }
}

/// What became of a write in its sink.
public enum SinkResult: Hashable, Sendable {
    /// The sink has it, for good.
    case done

    /// The sink cannot take it now.
    ///
    /// Write-behind tries it again later; write-through throws.
    case retry(reason: String)

    /// The sink will never take it.
    ///
    /// Write-behind makes it a dead letter; write-through throws.
    case rejected(reason: String)
}
