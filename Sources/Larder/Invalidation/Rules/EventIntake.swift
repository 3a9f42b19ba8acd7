/// Takes in events: each once, and not too often what invalidates the same.
///
/// A value type without a lock or a clock: times are durations since a moment of the caller's choice.
package struct EventIntake: Sendable {
    /// How an intake judges repetitions.
    package struct Limits: Hashable, Sendable {
        /// For how long an event that comes again is passed over.
        package var window = Duration.seconds(600)
        /// How many events are remembered for that; an older one that comes again invalidates again.
        package var events = 100_000
        /// How much time there is at least between two invalidations of the same; zero for no such rule.
        ///
        /// The first goes through at once. Those that come too early become one, when the time is over.
        package var debounce = Duration.zero
        /// How many different invalidations are held back at most; further ones go through at once.
        package var heldBack = 10_000

        package init() {}
    }

    private let rules: EventRules
    private let limits: Limits
    private var seen: [String: Duration] = [:]
    private var oldestFirst: [(id: String, time: Duration)] = []
    private var resting: [InvalidationRecord: (until: Duration, isWaiting: Bool)] = [:]

    package init(_ rules: EventRules, limits: Limits = Limits()) {
        self.rules = rules
        self.limits = limits
    }

    /// Whether an event was confirmed within the window.
    package func isKnown(_ event: CacheEvent, at now: Duration) -> Bool {
        seen[event.id].map { now - $0 < limits.window } ?? false
    }

    /// What to append because of an event.
    ///
    /// - Returns: Nothing if the event was confirmed within the window, or if all it invalidates has to wait.
    package mutating func receive(_ event: CacheEvent, at now: Duration) throws(CacheError) -> [InvalidationRecord] {
        if isKnown(event, at: now) { return [] }
        let records = try rules.records(for: event)
        guard limits.debounce > .zero else { return records }
        return records.filter { admits($0, at: now) }
    }

    /// Notes that an event has been dealt with, so that it is passed over when it comes again.
    ///
    /// An event is confirmed when the log has its records, and not before: else one whose append had failed would be
    /// lost when it is sent again.
    package mutating func confirm(_ event: CacheEvent, at now: Duration) {
        seen[event.id] = now
        oldestFirst.append((event.id, now))
        // Forgetting goes by eighths, so that it is paid for by many events.
        let eighth = limits.events / 8 + 1
        guard oldestFirst.count > eighth else { return }
        let isExpired = now - oldestFirst[eighth - 1].time >= limits.window
        if isExpired || oldestFirst.count > limits.events + eighth { forget(eighth) }
    }

    /// When something that was held back is due next.
    package var nextDue: Duration? {
        resting.values.lazy.filter(\.isWaiting).map(\.until).min()
    }

    /// What was held back and is due now.
    package mutating func due(at now: Duration) -> [InvalidationRecord] {
        var due: [InvalidationRecord] = []
        for (record, rest) in resting where rest.until <= now {
            if rest.isWaiting { due.append(record) }
            resting[record] = nil
            if rest.isWaiting { resting[record] = (now + limits.debounce, false) }
        }
        return due
    }

    private mutating func admits(_ record: InvalidationRecord, at now: Duration) -> Bool {
        if let rest = resting[record], rest.until > now {
            resting[record] = (rest.until, true)
            return false
        }
        if resting.count >= limits.heldBack {
            resting = resting.filter { $0.value.isWaiting || $0.value.until > now }
            guard resting.count < limits.heldBack else { return true }
        }
        resting[record] = (now + limits.debounce, false)
        return true
    }

    private mutating func forget(_ count: Int) {
        for (id, time) in oldestFirst.prefix(count) where seen[id] == time { seen[id] = nil }
        oldestFirst.removeFirst(count)
    }
}
