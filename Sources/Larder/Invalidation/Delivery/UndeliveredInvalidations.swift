import Logging
import MemoryCache

/// Keeps the invalidations that the store or the log could not take, and delivers them as soon as it can.
///
/// Until the queue has been read, all namespaces deny themselves everything: it may hold something for any of them.
final class UndeliveredInvalidations: Sendable {
    fileprivate struct Member {
        weak var cache: (any SystemCache)?
        let denied: DeniedKeys
    }

    fileprivate struct State {
        var list: UndeliveredList
        var members: [String: Member] = [:]
        var hasRead = false
        var isStopped = false
        /// The last of those who bring the queue to what is kept, one after the other.
        var saving: Task<Void, Never>?
        var delivery: Task<Void, Never>?
    }

    private enum Round {
        case done
        case unfinished
        case failed
    }

    private let queue: any InvalidationQueue
    private let clock: CacheClock
    private let failures: FailureLog
    private let state: Locked<State>

    private static var shortestPause: Duration { .milliseconds(100) }
    private static var longestPause: Duration { .seconds(5) }

    init(queue: any InvalidationQueue, limit: Int = 10_000, clock: CacheClock, failures: FailureLog) {
        self.queue = queue
        self.clock = clock
        self.failures = failures
        state = Locked(State(list: UndeliveredList(limit: limit)))
        deliverSoon()
    }

    deinit {
        state.withLock { $0.delivery }?.cancel()
    }

    /// Lets a namespace deliver what waits for it, and says what it denies itself until then.
    func join(_ cache: any SystemCache, _ namespace: String, _ denied: DeniedKeys) {
        state.withLock { state in
            state.members[namespace] = Member(cache: cache, denied: denied)
            if state.hasRead { denied.replace(by: state.list.records(of: namespace)) }
        }
        deliverSoon()
    }

    /// Whether nothing waits.
    var isEmpty: Bool { state.withLock { $0.hasRead && $0.list.namespaces.isEmpty } }

    // MARK: Keeping

    /// Keeps invalidations, and denies what they touch from here on.
    func keep(_ records: [InvalidationRecord]) {
        let caches = state.withLock { state in
            for record in records {
                state.list.append(record)
                state.members[record.namespace]?.denied.insert(CollectionOfOne(record))
            }
            return Set(records.map(\.namespace)).compactMap { state.members[$0]?.cache }
        }
        for cache in caches { cache.dropDenied() }
    }

    /// Brings the queue to what is kept, and begins to deliver it.
    ///
    /// Where the queue fails, what is kept is lost if the process ends before it is delivered.
    func save() async {
        let task = state.withLock { state in
            let task = Task { [earlier = state.saving] in
                await earlier?.value
                await self.saveChanges()
            }
            state.saving = task
            return task
        }
        await task.value
        deliverSoon()
    }

    private func saveChanges() async {
        let (added, removed) = state.withLock { $0.list.takeChanges() }
        guard !added.isEmpty || !removed.isEmpty else { return }
        do {
            let numbers = try await queue.change(adding: added.map(\.record), removing: removed)
            state.withLock { $0.list.setNumbers(numbers, of: added) }
        } catch {
            failures.record("save undelivered invalidations", error, now: clock.now)
        }
    }

    // MARK: Delivering

    private func deliverSoon() {
        state.withLock { state in
            guard state.delivery == nil, !state.isStopped, !state.hasRead || !state.deliverable.isEmpty else { return }
            state.delivery = Task.detached { [weak self, clock] in
                var pause = Self.shortestPause
                while !Task.isCancelled, let round = await self?.deliver() {
                    switch round {
                    case .done:
                        return
                    case .unfinished:
                        pause = Self.shortestPause
                    case .failed:
                        try? await clock.sleep(pause)
                        pause = min(pause * 2, Self.longestPause)
                    }
                }
            }
        }
    }

    /// Reads the queue if that is still to be done, and delivers what comes next in each namespace.
    private func deliver() async -> Round {
        var hasFailed = false
        do {
            if !state.withLock({ $0.hasRead }) { try await read() }
        } catch {
            failures.record("read undelivered invalidations", error, now: clock.now)
            return .failed
        }
        for (namespace, cache) in state.withLock({ $0.deliverable }) {
            let entries = state.withLock { $0.list.next(of: namespace) }
            do {
                try await cache.deliver(entries.map(\.record))
                state.withLock { state in
                    state.list.remove(entries)
                    state.members[namespace]?.denied.replace(by: state.list.records(of: namespace))
                }
            } catch {
                failures.record("deliver invalidations", error, now: clock.now)
                hasFailed = true
            }
        }
        await save()
        if hasFailed { return .failed }
        return state.withLock { state in
            guard state.deliverable.isEmpty else { return .unfinished }
            state.delivery = nil
            return .done
        }
    }

    private func read() async throws {
        let contents = try await queue.contents()
        state.withLock { state in
            for waiting in contents { state.list.append(waiting.record, number: waiting.number) }
            state.hasRead = true
            for (namespace, member) in state.members {
                member.denied.replace(by: state.list.records(of: namespace))
            }
        }
    }

    /// Ends the delivery, and closes the queue.
    func stop() async {
        let (delivery, saving) = state.withLock { state in
            state.isStopped = true
            return (state.delivery, state.saving)
        }
        delivery?.cancel()
        await saving?.value
        await queue.close()
    }
}

extension UndeliveredInvalidations.State {
    /// The namespaces for which something waits and that are open.
    fileprivate var deliverable: [(String, any SystemCache)] {
        list.namespaces.sorted().compactMap { name in members[name]?.cache.map { (name, $0) } }
    }
}
