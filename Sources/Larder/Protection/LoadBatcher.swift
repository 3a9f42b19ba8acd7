import MemoryCache

/// Gathers the loads of single keys that come within a short window, and asks for them in one bulk call.
///
/// The first caller opens a batch; the call is made at the end of the window, or when the batch is full, in a task of
/// its own that has the task-local values of the first caller. It is cancelled when all callers of the batch have
/// left. A key that several callers of a batch want is asked for once; a key that is wanted again after the call was
/// made belongs to the next batch.
final class LoadBatcher<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private typealias Batch = LoadBatch<Key, Value>

    private struct Place {
        let batch: Batch
        let number: Int
    }

    private struct State {
        /// The batch that callers may still join.
        var open: Batch?
        /// How many callers wait, in all batches.
        var waiting = 0
    }

    private let window: Duration
    private let maximumBatch: Int
    private let clock: CacheClock
    private let load: @Sendable ([Key]) async throws -> [Key: Value]
    private let state = Locked(State())

    /// Makes a batcher.
    ///
    /// - Parameters:
    ///   - window: How long the first caller of a batch waits for others.
    ///   - maximumBatch: How many keys one call may ask for, at least 1.
    ///   - clock: The clock of the window.
    ///   - load: The bulk call; keys that are missing from its answer have no value.
    init(
        window: Duration,
        maximumBatch: Int,
        clock: CacheClock,
        load: @escaping @Sendable ([Key]) async throws -> [Key: Value]
    ) {
        self.window = window
        self.maximumBatch = maximumBatch
        self.clock = clock
        self.load = load
    }

    /// The number of callers who wait.
    var waiting: Int { state.withLock { $0.waiting } }

    /// Loads a value together with others.
    ///
    /// - Parameter key: The key.
    /// - Returns: The value, or `nil` if the answer has none.
    /// - Throws: What the bulk call throws, or `CancellationError` at once if the task is cancelled.
    func load(_ key: Key) async throws -> Value? {
        let ticket = Ticket<Place>()
        return try await withCancellationHandler {
            try await withCheckedThrowingContinuation { join(key, ticket, $0) }
        } onCancel: {
            leave(ticket)
        }
    }

    private func join(_ key: Key, _ ticket: Ticket<Place>, _ continuation: Batch.Continuation) {
        let (isCancelled, window): (Bool, Task<Void, Never>?) = state.withLock { state in
            guard !ticket.isCancelled else { return (true, nil) }
            let batch = state.open ?? begin()
            state.waiting += 1
            ticket.place = Place(batch: batch, number: batch.add(key, continuation))
            let isFull = batch.size >= maximumBatch
            state.open = isFull ? nil : batch
            return (false, isFull ? batch.window : nil)
        }
        if isCancelled { continuation.resume(throwing: CancellationError()) }
        window?.cancel()
    }

    private func leave(_ ticket: Ticket<Place>) {
        let (continuation, abandoned): (Batch.Continuation?, Batch?) = state.withLock { state in
            ticket.isCancelled = true
            guard let place = ticket.place, let continuation = place.batch.remove(place.number) else {
                return (nil, nil)
            }
            state.waiting -= 1
            guard place.batch.isEmpty else { return (continuation, nil) }
            if state.open === place.batch { state.open = nil }
            return (continuation, place.batch)
        }
        continuation?.resume(throwing: CancellationError())
        // Nobody can join it any more, so its tasks stay as they are.
        abandoned?.window?.cancel()
        abandoned?.call?.cancel()
    }

    /// Opens a batch, and starts its tasks, which take on the task-local values of the caller.
    private func begin() -> Batch {
        let batch = Batch()
        let alarm = clock.alarm(after: window)
        let window = Task {
            // Cancelled, it ends early.
            _ = try? await alarm()
        }
        batch.window = window
        batch.call = Task {
            await window.value
            await carryOut(batch)
        }
        return batch
    }

    private func carryOut(_ batch: Batch) async {
        let keys = state.withLock { state in
            if state.open === batch { state.open = nil }
            return batch.keys
        }
        guard !keys.isEmpty else { return }
        do {
            let values = try await load(keys)
            for (key, continuation) in take(batch) { continuation.resume(returning: values[key]) }
        } catch {
            for (_, continuation) in take(batch) { continuation.resume(throwing: error) }
        }
    }

    private func take(_ batch: Batch) -> [(key: Key, continuation: Batch.Continuation)] {
        state.withLock { state in
            let callers = batch.removeAll()
            state.waiting -= callers.count
            return callers
        }
    }
}
