/// The callers of one bulk call, from the first to join until all have their answer.
final class LoadBatch<Key: Hashable & Sendable, Value: Sendable>: @unchecked Sendable {
    // Safe to share: touched only while the lock of the batcher is held.

    typealias Continuation = CheckedContinuation<Value?, any Error>

    private struct Caller {
        let key: Key
        let continuation: Continuation
    }

    private var callers: [Int: Caller] = [:]
    private var callersOfKey: [Key: Int] = [:]
    private var lastNumber = 0

    /// Ends when the window does; cancelled where there is nothing more to wait for.
    var window: Task<Void, Never>?
    /// Waits for the end of the window, then makes the call.
    var call: Task<Void, Never>?

    var isEmpty: Bool { callers.isEmpty }

    /// How many keys the callers ask for.
    var size: Int { callersOfKey.count }

    /// What the callers ask for, in the order in which they came, each key once.
    var keys: [Key] {
        var seen: Set<Key> = []
        return callers.sorted { $0.key < $1.key }.map(\.value.key).filter { seen.insert($0).inserted }
    }

    /// Adds a caller.
    ///
    /// - Returns: What to remove it by.
    func add(_ key: Key, _ continuation: Continuation) -> Int {
        lastNumber += 1
        callers[lastNumber] = Caller(key: key, continuation: continuation)
        callersOfKey[key, default: 0] += 1
        return lastNumber
    }

    /// Removes a caller who leaves.
    func remove(_ number: Int) -> Continuation? {
        guard let caller = callers.removeValue(forKey: number) else { return nil }
        let others = callersOfKey[caller.key].map { $0 - 1 }
        callersOfKey[caller.key] = others == 0 ? nil : others
        return caller.continuation
    }

    /// Removes all callers, for the answer.
    func removeAll() -> [(key: Key, continuation: Continuation)] {
        defer {
            callers = [:]
            callersOfKey = [:]
        }
        return callers.values.map { ($0.key, $0.continuation) }
    }
}
