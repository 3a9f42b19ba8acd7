import MemoryCache

/// Turns events into invalidations: each event once, and not too often what invalidates the same.
///
/// Make one with ``CacheSystem/receiver(of:configuration:)``.
public final class EventReceiver: Sendable {
    /// How a receiver judges repetitions.
    public struct Configuration: Hashable, Sendable {
        /// For how long an event that comes again, by its id, is passed over; zero or more.
        public var window: Duration

        /// How many events are remembered for that, at least 1; an older one that comes again invalidates again.
        public var maximumEvents: Int

        /// How much time there is at least between two invalidations of the same, zero or more.
        ///
        /// The first goes through at once. Those that come too early become one, when the time is over.
        public var debounce: Duration

        /// Makes a configuration.
        ///
        /// - Parameters:
        ///   - window: For how long an event that comes again is passed over; ten minutes unless given.
        ///   - maximumEvents: How many events are remembered for that; 100,000 unless given.
        ///   - debounce: How much time there is between two invalidations of the same; none unless given.
        public init(window: Duration = .seconds(600), maximumEvents: Int = 100_000, debounce: Duration = .zero) {
            self.window = window
            self.maximumEvents = maximumEvents
            self.debounce = debounce
        }

        func validate() throws(CacheError) {
            guard window >= .zero, debounce >= .zero, maximumEvents >= 1 else {
                throw CacheError(
                    .invalidConfiguration,
                    "The window and the debounce of events have to be zero or more, and maximumEvents at least 1."
                )
            }
        }
    }

    private let system: CacheSystem
    private let intake: Locked<EventIntake>
    private let watch: DeadlineWatch

    init(_ rules: EventRules, configuration: Configuration, system: CacheSystem) {
        var limits = EventIntake.Limits()
        limits.window = configuration.window
        limits.events = configuration.maximumEvents
        limits.debounce = configuration.debounce
        self.system = system
        intake = Locked(EventIntake(rules, limits: limits))
        watch = DeadlineWatch(clock: system.clock)
        watch.expire = { [weak self] now in self?.carryOutDue(at: now) }
    }

    /// Invalidates what an event stands for.
    ///
    /// - Parameter event: The event. One that was received within the window does nothing.
    /// - Throws: ``CacheError`` with the code `missingField` if the event lacks a field that a rule for it names, and
    ///   what ``CacheSystem/invalidate(_:)`` throws. The event is not remembered then, and may be sent again.
    public func receive(_ event: CacheEvent) async throws {
        if intake.withLock({ $0.isKnown(event, at: now) }) { return }
        let (records, due) = try intake.withLock { intake throws(CacheError) in
            (try intake.receive(event, at: now), intake.nextDue)
        }
        if let due { watch.cover(UInt64(clamping: due.wholeNanoseconds)) }
        try await system.invalidate(named(records))
        intake.withLock { $0.confirm(event, at: now) }
    }

    private func named(_ records: [InvalidationRecord]) -> [InvalidationRecord] {
        records.map { system.openedCache($0.namespace)?.named($0) ?? $0 }
    }

    private var now: Duration { .nanoseconds(Int64(clamping: system.clock.now)) }

    /// Carries out what was held back and is due.
    private func carryOutDue(at now: UInt64) -> UInt64? {
        let (records, due) = intake.withLock { intake in
            (intake.due(at: .nanoseconds(Int64(clamping: now))), intake.nextDue)
        }
        system.invalidateInBackground(named(records))
        return due.map { UInt64(clamping: $0.wholeNanoseconds) }
    }
}

extension CacheSystem {
    /// Makes a receiver of events.
    ///
    /// ```swift
    /// let receiver = try caches.receiver(of: [
    ///     EventRule("note.updated", in: "notes", invalidates: ["note:{id}", "tag author:{author}"])
    /// ])
    /// try await receiver.receive(CacheEvent("note.updated", id: message.id, fields: ["id": "7", "author": "3"]))
    /// ```
    ///
    /// - Parameters:
    ///   - rules: What events of which type invalidate; see ``EventRules``.
    ///   - configuration: How repetitions are judged.
    /// - Returns: The receiver. The namespaces that the rules name have to be opened before the first event.
    /// - Throws: ``CacheError`` with the code `invalidRule` for a template that says nothing sensible, or
    ///   `invalidConfiguration`.
    public func receiver(
        of rules: [EventRule],
        configuration: EventReceiver.Configuration = EventReceiver.Configuration()
    ) throws(CacheError) -> EventReceiver {
        try configuration.validate()
        let prefix = self.configuration.keyPrefix
        let compiled = try EventRules(rules) { namespace in
            StoreKey(bytes: CacheKeyEncoder.prefix(system: prefix, namespace: namespace))
        }
        return EventReceiver(compiled, configuration: configuration, system: self)
    }
}
