import MemoryCache

/// A door that is closed until it is opened, for tests that hold a load or a store at a chosen point.
public final class Latch: Sendable {
    private struct State {
        var isOpen = false
        var arrivals = 0
        var waiting: [Int: CheckedContinuation<Void, any Error>] = [:]
        var cancelled: Set<Int> = []
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Locked(State())

    /// Makes a closed latch.
    public init() {}

    /// How many have come to the latch so far, whether they still wait or not.
    public var arrivals: Int { state.withLock { $0.arrivals } }

    /// Waits until the latch is open.
    ///
    /// - Throws: `CancellationError` if the task is cancelled.
    public func wait() async throws {
        let (id, watchers) = state.withLock { state in
            state.arrivals += 1
            let arrivals = state.arrivals
            let watchers = state.watchers.filter { $0.count <= arrivals }
            state.watchers.removeAll { $0.count <= arrivals }
            return (arrivals, watchers)
        }
        for watcher in watchers { watcher.continuation.resume() }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let outcome: Result<Void, any Error>? = state.withLock { state in
                    if state.cancelled.remove(id) != nil { return .failure(CancellationError()) }
                    if state.isOpen { return .success(()) }
                    state.waiting[id] = continuation
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            let continuation = state.withLock { state in
                let continuation = state.waiting.removeValue(forKey: id)
                if continuation == nil { state.cancelled.insert(id) }
                return continuation
            }
            continuation?.resume(throwing: CancellationError())
        }
    }

    /// Waits until the latch is open, whether the task is cancelled or not.
    public func waitUncancellably() async {
        await Task { try? await wait() }.value
    }

    /// Opens the latch for all who wait and all who come.
    public func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [:] }
            return state.waiting.values
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Waits until a number of callers have come to the latch.
    ///
    /// - Parameter count: The number of callers, at least 1.
    public func waitForArrivals(_ count: Int = 1) async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if state.arrivals >= count { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if isReady { continuation.resume() }
        }
    }
}
