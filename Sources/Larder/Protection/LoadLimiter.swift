import MemoryCache

/// Keeps the number of concurrent loads within ``LoadLimits``, for the sake of the origin.
///
/// The limiter has no clock: `cover` is told of each deadline that somebody waits with, and whoever keeps the time
/// calls ``expire(at:)`` then.
final class LoadLimiter: Sendable {
    /// What the limiter holds, and what it has refused so far.
    struct Counts: Hashable, Sendable {
        var running = 0
        var queued = 0
        var refused = 0
    }

    typealias Continuation = CheckedContinuation<LoadPermit, any Error>

    private struct State {
        var queue: LoadQueue
        var parked: [LoadQueue.Place: Continuation] = [:]
    }

    let limits: LoadLimits
    private let cover: @Sendable (UInt64) -> Void
    private let state: Locked<State>

    /// Makes a limiter.
    ///
    /// - Parameters:
    ///   - limits: Valid limits.
    ///   - cover: Sees to it that ``expire(at:)`` is called at a deadline or soon after.
    init(_ limits: LoadLimits, cover: @escaping @Sendable (UInt64) -> Void) {
        self.limits = limits
        self.cover = cover
        state = Locked(State(queue: LoadQueue(limits)))
    }

    var counts: Counts {
        state.withLock { Counts(running: $0.queue.running, queued: $0.queue.queued, refused: $0.queue.refused) }
    }

    /// The number of groups with a load that runs or waits.
    var groups: Int { state.withLock { $0.queue.groups } }

    /// Starts a load if there is room, and overtakes nobody by it.
    func tryAcquire(group: String? = nil) -> LoadPermit? {
        guard state.withLock({ $0.queue.start(group) }) else { return nil }
        return LoadPermit(limiter: self, group: group)
    }

    /// Starts a load as soon as there is room.
    ///
    /// - Parameters:
    ///   - group: The group of the key, if it has one.
    ///   - priority: Which loads come first.
    ///   - deadline: Until when to wait.
    ///   - now: The time.
    ///   - ticket: What ``raise(_:)`` is given.
    /// - Returns: The permit to release when the load ends or is abandoned.
    /// - Throws: ``CacheError`` with the code `overloaded` if there is no room to wait either, or `loadTimedOut` if
    ///   the deadline comes first; `CancellationError` if the task is cancelled.
    func acquire(
        group: String? = nil,
        priority: LoadPriority,
        deadline: UInt64 = Deadline.never,
        now: UInt64,
        ticket: Ticket<LoadQueue.Place> = Ticket()
    ) async throws -> LoadPermit {
        try Task.checkCancellation()
        if let permit = tryAcquire(group: group) { return permit }
        guard deadline > now else { throw Self.timedOut }
        return try await withCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enter(ticket, continuation, group, priority, deadline)
            }
        } onCancel: {
            leave(ticket)
        }
    }

    /// Lets a load in the background wait with those that come first, because now somebody waits for it.
    func raise(_ ticket: Ticket<LoadQueue.Place>) {
        state.withLock { state in
            guard let old = ticket.place, let new = state.queue.raise(old) else { return }
            ticket.place = new
            state.parked[new] = state.parked.removeValue(forKey: old)
        }
    }

    /// Tells those whose deadline has come.
    ///
    /// - Returns: The next deadline, if anybody waits with one.
    func expire(at now: UInt64) -> UInt64? {
        let (expired, next) = state.withLock { state in
            let expired = state.queue.expire(at: now).compactMap { state.parked.removeValue(forKey: $0) }
            return (expired, state.queue.earliestDeadline)
        }
        for continuation in expired { continuation.resume(throwing: Self.timedOut) }
        return next
    }

    /// Ends a load, and starts the next.
    func end(group: String?) {
        let next: (Continuation, LoadPermit)? = state.withLock { state in
            guard let start = state.queue.end(group) else { return nil }
            guard let continuation = state.parked.removeValue(forKey: start.place) else { return nil }
            return (continuation, LoadPermit(limiter: self, group: start.group))
        }
        if let (continuation, permit) = next { continuation.resume(returning: permit) }
    }
}

// MARK: - Waiting

extension LoadLimiter {
    private enum Entry {
        case started
        case waiting(displaced: Continuation?)
        case cancelled
        case refused(Counts)
    }

    /// Starts a load for which there was no room a moment ago, or lets it wait.
    func enter(
        _ ticket: Ticket<LoadQueue.Place>,
        _ continuation: Continuation,
        _ group: String?,
        _ priority: LoadPriority,
        _ deadline: UInt64
    ) {
        let entry: Entry = state.withLock { state in
            guard !ticket.isCancelled else { return .cancelled }
            if state.queue.start(group) { return .started }
            switch state.queue.enqueue(group, priority, deadline: deadline) {
            case .queued(let place, let displaced):
                ticket.place = place
                state.parked[place] = continuation
                return .waiting(displaced: displaced.flatMap { state.parked.removeValue(forKey: $0) })
            case .refused:
                return .refused(Counts(running: state.queue.running, queued: state.queue.queued))
            }
        }
        switch entry {
        case .started:
            continuation.resume(returning: LoadPermit(limiter: self, group: group))
        case .waiting(let displaced):
            displaced?.resume(throwing: Self.overloaded(counts))
            if deadline != Deadline.never { cover(deadline) }
        case .cancelled:
            continuation.resume(throwing: CancellationError())
        case .refused(let counts):
            continuation.resume(throwing: Self.overloaded(counts))
        }
    }

    private func leave(_ ticket: Ticket<LoadQueue.Place>) {
        let continuation: Continuation? = state.withLock { state in
            ticket.isCancelled = true
            guard let place = ticket.place else { return nil }
            state.queue.leave(place)
            return state.parked.removeValue(forKey: place)
        }
        continuation?.resume(throwing: CancellationError())
    }

    private static var timedOut: CacheError {
        CacheError(
            .loadTimedOut,
            "The load found no room before its deadline; raise the limits of loads, or make the origin faster."
        )
    }

    private static func overloaded(_ counts: Counts) -> CacheError {
        CacheError(
            .overloaded,
            """
            \(counts.running) loads run and \(counts.queued) wait, which is as many as the limits allow; \
            try again later, or raise the limits of loads.
            """
        )
    }
}
