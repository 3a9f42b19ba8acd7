import MemoryCache
import Synchronization

/// What was loaded and nobody waits for any more, on its way into the store.
///
/// It is bounded: past the limit the fill that has waited longest is dropped. Invalidations never come here.
final class FillQueue: Sendable {
    /// One or several values of one load.
    final class Fill: Sendable {
        private let isTaken = Atomic(false)
        private let carryOut: @Sendable () async -> Void
        private let end: @Sendable () -> Void

        /// - Parameters:
        ///   - carryOut: Puts the values into the store.
        ///   - end: What to do when that is done, or will not be.
        init(carryOut: @escaping @Sendable () async -> Void, end: @escaping @Sendable () -> Void) {
            self.carryOut = carryOut
            self.end = end
        }

        /// Whether it is the caller's to make or to drop.
        private func take() -> Bool { !isTaken.exchange(true, ordering: .acquiringAndReleasing) }

        fileprivate func make() async {
            guard take() else { return }
            await carryOut()
            end()
        }

        /// Drops the fill, unless it is being made.
        @discardableResult
        func drop() -> Bool {
            guard take() else { return false }
            end()
            return true
        }
    }

    private struct State {
        var waiting = FIFO<Fill>()
        var running = 0
        var isClosed = false
        var settling: [CheckedContinuation<Void, Never>] = []
    }

    /// How many fills are made at the same time.
    private static var concurrency: Int { 16 }

    private let limit: Int
    private let counters: CacheCounters
    private let state = Locked(State())

    init(limit: Int, counters: CacheCounters) {
        self.limit = limit
        self.counters = counters
    }

    /// How many fills wait and are made.
    var count: Int { state.withLock { $0.waiting.count + $0.running } }

    /// Makes a fill as soon as it can.
    func add(_ fill: Fill) {
        let (dropped, isStarted): (Fill?, Bool) = state.withLock { state in
            if state.isClosed { return (fill, false) }
            if state.running < Self.concurrency {
                state.running += 1
                return (nil, true)
            }
            state.waiting.append(fill)
            return (state.waiting.count > limit ? state.waiting.removeFirst() : nil, false)
        }
        if let dropped, dropped.drop() { counters.droppedFills.increment() }
        if isStarted { Task.detached { await self.work(beginningWith: fill) } }
    }

    private func work(beginningWith first: Fill) async {
        var next: Fill? = first
        while let fill = next {
            await fill.make()
            next = nextFill()
        }
    }

    private func nextFill() -> Fill? {
        let (fill, settled): (Fill?, [CheckedContinuation<Void, Never>]) = state.withLock { state in
            if let fill = state.waiting.removeFirst() { return (fill, []) }
            state.running -= 1
            guard state.running == 0 else { return (nil, []) }
            defer { state.settling = [] }
            return (nil, state.settling)
        }
        for continuation in settled { continuation.resume() }
        return fill
    }

    /// Waits until nothing waits and nothing is made.
    func settle() async {
        await withCheckedContinuation { continuation in
            let isSettled = state.withLock { state in
                if state.running > 0 { state.settling.append(continuation) }
                return state.running == 0
            }
            if isSettled { continuation.resume() }
        }
    }

    /// Drops what waits, and waits for what is being made.
    func close() async {
        let dropped = state.withLock { state in
            state.isClosed = true
            var dropped: [Fill] = []
            while let fill = state.waiting.removeFirst() { dropped.append(fill) }
            return dropped
        }
        for fill in dropped { fill.drop() }
        await settle()
    }
}
