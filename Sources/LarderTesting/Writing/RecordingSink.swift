public import Larder
import MemoryCache

/// A sink in memory that does what a good one does: it knows the tokens it has seen, and keeps everything for tests.
public final class RecordingSink<Key: CacheKey, Value: Sendable>: WriteSink {
    private struct State {
        var values: [Key: Value] = [:]
        var writes: [SinkWrite<Key, Value>] = []
        var calls: [[SinkWrite<Key, Value>]] = []
        var tokens: Set<IdempotencyToken> = []
        var newest: [Key: UInt64] = [:]
        var rejection: (@Sendable (SinkWrite<Key, Value>) -> SinkResult)?
    }

    private let state: Locked<State>
    private let merge: @Sendable (Value, Value) -> Value

    /// Makes an empty sink.
    ///
    /// - Parameter merge: Combines what a key holds with the value of a merge write; puts it in its place unless given.
    public init(merge: @escaping @Sendable (_ older: Value, _ newer: Value) -> Value = { $1 }) {
        state = Locked(State())
        self.merge = merge
    }

    /// What the sink holds.
    public var values: [Key: Value] { state.withLock { $0.values } }

    /// The writes that it took, in their order, each once.
    public var writes: [SinkWrite<Key, Value>] { state.withLock { $0.writes } }

    /// What it was called with, repetitions included.
    public var calls: [[SinkWrite<Key, Value>]] { state.withLock { $0.calls } }

    /// Says what becomes of each write from now on; those that are not `done` have no effect.
    ///
    /// - Parameter result: Answers for a write; `nil` to take all of them again.
    public func answer(_ result: (@Sendable (SinkWrite<Key, Value>) -> SinkResult)?) {
        state.withLock { $0.rejection = result }
    }

    /// Takes the writes whose tokens it has not seen, unless it has a newer one of their key.
    public func write(_ writes: [SinkWrite<Key, Value>]) async throws -> [SinkResult] {
        state.withLock { state in
            state.calls.append(writes)
            return writes.map { write in
                if let result = state.rejection?(write), result != .done { return result }
                guard state.tokens.insert(write.token).inserted, state.newest[write.key, default: 0] < write.sequence
                else { return .done }
                state.newest[write.key] = write.sequence
                state.writes.append(write)
                switch write.change {
                case .put(let value): state.values[write.key] = value
                case .delete: state.values[write.key] = nil
                case .merge(let operand):
                    state.values[write.key] = state.values[write.key].map { merge($0, operand) } ?? operand
                }
                return .done
            }
        }
    }
}
