public import Larder
import MemoryCache

/// A queue that ends with the process: after a restart all of the edge is purged, since nobody knows what was missed.
public final class MemoryPurgeQueue: PurgeQueue {
    private struct Slot: Hashable {
        var purger: String
        var selector: EdgeSelector
        var isEcho: Bool

        init(_ purge: PendingPurge) {
            purger = purge.purger
            selector = purge.request.selector
            isEcho = purge.isEcho
        }
    }

    private struct State {
        var position: LogPosition?
        var purges: [Slot: PendingPurge] = [:]
        var number: Int64 = 0

        mutating func add(_ purge: PendingPurge) {
            number += 1
            var added = purge
            added.number = number
            let slot = Slot(purge)
            if let known = purges[slot] {
                added.addedAt = min(added.addedAt, known.addedAt)
                added.request.isSoft = added.request.isSoft && known.request.isSoft
            }
            purges[slot] = added
        }
    }

    private let state = Locked(State())

    /// Makes an empty queue.
    public init() {}

    /// The position that came with the last purges.
    public func position() async throws(EdgeError) -> LogPosition? { state.withLock { $0.position } }

    /// Adds under a lock.
    public func add(_ purges: [PendingPurge], movingTo position: LogPosition?) async throws(EdgeError) {
        state.withLock { state in
            for purge in purges { state.add(purge) }
            if let position { state.position = position }
        }
    }

    /// Looks at all purges.
    public func purges(of purger: String, dueAt now: Int64, limit: Int) async throws(EdgeError) -> [PendingPurge] {
        let due = state.withLock { $0.purges.values.filter { $0.purger == purger && $0.due <= now } }
        return Array(due.sorted { ($0.due, $0.number) < ($1.due, $1.number) }.prefix(limit))
    }

    /// Removes and adds under a lock.
    public func settle(_ purges: [PendingPurge], adding echoes: [PendingPurge]) async throws(EdgeError) {
        state.withLock { state in
            for purge in purges where state.purges[Slot(purge)]?.number == purge.number {
                state.purges[Slot(purge)] = nil
            }
            for echo in echoes { state.add(echo) }
        }
    }

    /// Looks at all purges.
    public func backlog(of purger: String) async throws(EdgeError) -> (count: Int, oldest: Int64?) {
        let waiting = state.withLock { $0.purges.values.filter { $0.purger == purger && !$0.isEcho } }
        return (waiting.count, waiting.map(\.addedAt).min())
    }
}
