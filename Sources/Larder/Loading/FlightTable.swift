import MemoryCache

/// The loads and writes under way in one cache: at most one for each key that may change what is stored.
///
/// A caller who finds no flight of its key leads one; others wait for its result. The leader of a load runs the
/// loader in its own task; if that task is cancelled, the next waiter takes the lead with a loader of its own. A
/// write or removal takes the key from a load in progress, so that the load's result is not stored (the fence),
/// and callers who come later start anew.
///
/// Continuations are resumed, and loads cancelled, only after the lock is free; see ``Aftermath``.
final class FlightTable<Key: CacheKey, Value: Sendable>: Sendable {
    struct State {
        /// The flights that have their key.
        var flights: [Key: Flight<Key, Value>] = [:]

        /// The flights that lost their key while callers waited for them.
        var orphans: [ObjectIdentifier: Flight<Key, Value>] = [:]

        /// The deadlines of loads and of those who wait.
        var alarms = AlarmClock()

        /// The deadline at which the watch will wake at the latest.
        var watchedDeadline = Deadline.never

        /// How many may wait for one load.
        let maximumWaiters: Int

        /// The newest record of the invalidation log that this node knows of.
        let newestRecord: @Sendable () -> LogMark

        /// How many loads were abandoned at their deadline since the table was made.
        var abandoned = 0

        /// How many callers left at their timeout.
        var overdue = 0
    }

    /// What a caller does about its key.
    enum Entry: Sendable {
        case lead(Flight<Key, Value>)
        case wait(Waiter<Key, Value>)
        /// The caller takes its stale copy at once, and somebody is loading already.
        case takeCopy
        /// Too many wait for the key already.
        case refuse
    }

    private let state: Locked<State>
    let watch: DeadlineWatch

    init(watch: DeadlineWatch, maximumWaiters: Int, newestRecord: @escaping @Sendable () -> LogMark) {
        state = Locked(State(maximumWaiters: maximumWaiters, newestRecord: newestRecord))
        self.watch = watch
        watch.expire = { [weak self] now in self?.ringAlarms(at: now) }
    }

    /// Changes the state under the lock, then does what came of it.
    @inline(__always)
    func update<Result>(_ body: (inout State, inout Aftermath) -> Result) -> Result {
        var aftermath = Aftermath()
        var deadline = Deadline.never
        let result = state.withLock { state in
            let result = body(&state, &aftermath)
            let next = state.alarms.nextDeadline
            if next < state.watchedDeadline {
                state.watchedDeadline = next
                deadline = next
            }
            return result
        }
        if deadline != Deadline.never { watch.cover(deadline) }
        aftermath.carryOut()
        return result
    }

    /// Does what is due.
    ///
    /// - Returns: The next deadline, if there is one.
    private func ringAlarms(at now: UInt64) -> UInt64? {
        var aftermath = Aftermath()
        let next = state.withLock { state in
            while let alarm = state.alarms.popDue(at: now) { state.ring(alarm, at: now, &aftermath) }
            state.watchedDeadline = state.alarms.nextDeadline
            return state.watchedDeadline
        }
        aftermath.carryOut()
        return next == Deadline.never ? nil : next
    }

    /// The number of flights under way.
    var count: Int { state.withLock { $0.flights.count + $0.orphans.count } }

    /// How long the oldest load that is under way has been.
    var oldestLoadAge: Duration {
        let now = watch.now
        return state.withLock { state in
            let opened = state.flights.values.lazy.filter { $0.phase == .loading }.map(\.opened).min()
            return opened.map { Deadline.duration(until: now, from: $0) } ?? .zero
        }
    }

    /// How many callers wait for what is under way for a key; `nil` if nothing is.
    func waitingCallers(for key: Key) -> Int? { state.withLock { $0.flights[key]?.waiting } }

    /// How many loads were abandoned, and how many callers left at their timeout, so far.
    var timeouts: (abandoned: Int, overdue: Int) { state.withLock { ($0.abandoned, $0.overdue) } }

    /// The number of callers who wait, and of deadlines that are watched.
    var waiting: (callers: Int, alarms: Int) {
        state.withLock { state in
            let callers = (Array(state.flights.values) + state.orphans.values).reduce(0) { $0 + $1.waiting }
            return (callers, state.alarms.count)
        }
    }
}

// MARK: - The life of a flight

extension FlightTable.State {
    /// Opens the flight of a key that has none.
    mutating func open(
        _ key: Key,
        _ phase: Flight<Key, Value>.Phase,
        now: UInt64 = 0,
        patience: UInt64 = Deadline.never
    ) -> Flight<Key, Value> {
        let flight = Flight<Key, Value>(
            key: key,
            phase: phase,
            opened: now,
            patience: patience,
            began: newestRecord()
        )
        flights[key] = flight
        flight.deadline = flight.deadline(from: now)
        return flight
    }

    /// Sees to it that a load is abandoned at its deadline, and not only when the next caller comes.
    mutating func watchDeadline(of flight: Flight<Key, Value>) {
        if flight.phase == .loading { alarms.set(flight, to: flight.deadline) }
    }

    /// Does what is due.
    mutating func ring(_ alarm: Alarm, at now: UInt64, _ aftermath: inout Aftermath) {
        if let flight = alarm as? Flight<Key, Value> {
            if flight.phase == .loading { abandon(flight, &aftermath) }
        } else if let waiter = alarm as? Waiter<Key, Value> {
            let flight = waiter.flight
            // A copy that has ended its grace must not wake its callers again and again.
            if let fallback = flight.fallback, fallback.staleUntil <= now { flight.fallback = nil }
            guard waiter.nextDeadline <= now else { return alarms.set(waiter, to: waiter.nextDeadline) }
            dismiss(waiter, .overdue(flight.isDetached ? nil : flight.fallback), &aftermath)
            // Whoever does not wait any longer still wants the load to end well.
            flight.goesOnAlone = true
        }
    }

    /// Adds a waiter to a flight.
    mutating func enlist(
        in flight: Flight<Key, Value>,
        _ patience: Patience,
        _ aftermath: inout Aftermath
    ) -> Waiter<Key, Value> {
        let waiter = Waiter(flight, patience, newestRecord())
        flight.waiters.append(waiter)
        flight.waiting += 1
        if flight.isDetached { orphans[ObjectIdentifier(flight)] = flight }
        alarms.set(waiter, to: waiter.nextDeadline)
        watchDeadline(of: flight)
        aftermath.perform(flight.comeForward)
        flight.comeForward = nil
        let priority = Task.currentPriority
        if priority > flight.priority {
            flight.priority = priority
            if let escalation = flight.escalation { aftermath.perform { escalation.raise(to: priority) } }
        }
        return waiter
    }

    /// Lets a waiter go before the flight has ended.
    mutating func dismiss(
        _ waiter: Waiter<Key, Value>,
        _ turn: Turn<Key, Value>,
        _ aftermath: inout Aftermath
    ) {
        guard !waiter.state.isOver else { return }
        if case .overdue = turn { overdue += 1 }
        aftermath.tell(waiter, turn)
        alarms.cancel(waiter)
        let flight = waiter.flight
        flight.waiting -= 1
        // Those who left must not pile up while one load takes its time.
        if flight.waiters.count > 2 * flight.waiting + 16 { flight.waiters.removeAll { $0.state.isOver } }
    }

    /// Takes the key from a flight.
    mutating func detach(_ flight: Flight<Key, Value>) {
        guard !flight.isDetached else { return }
        flight.isDetached = true
        flights[flight.key] = nil
        if flight.waiting > 0 { orphans[ObjectIdentifier(flight)] = flight }
    }

    /// Ends a flight, and tells all who wait for it.
    mutating func close(
        _ flight: Flight<Key, Value>,
        _ turn: Turn<Key, Value>,
        _ aftermath: inout Aftermath
    ) {
        if flight.isDetached { orphans[ObjectIdentifier(flight)] = nil } else { flights[flight.key] = nil }
        flight.isDetached = true
        flight.phase = .over
        flight.dropFill = nil
        tell(flight, turn, &aftermath)
    }

    /// Tells all who wait for a flight, and lets go of its load.
    mutating func tell(
        _ flight: Flight<Key, Value>,
        _ turn: Turn<Key, Value>,
        _ aftermath: inout Aftermath
    ) {
        alarms.cancel(flight)
        for waiter in flight.waiters {
            alarms.cancel(waiter)
            aftermath.tell(waiter, flight.comesTooEarly(for: waiter) ? .retry : turn)
        }
        flight.waiters = []
        flight.waiting = 0
        flight.cancelLoad = nil
        flight.comeForward = nil
        flight.escalation = nil
        aftermath.perform(flight.releasePermit)
        flight.releasePermit = nil
    }
}
