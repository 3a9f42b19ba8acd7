import MemoryCache

/// What L1 holds under a key.
///
/// L1's own deadline of the entry is the end of its grace.
@usableFromInline
struct MemoryEntry<Value: Sendable>: Sendable {
    /// The value, or `nil` where the origin has none.
    @usableFromInline let value: Value?

    /// Until when the entry is fresh, on the clock of the memory tier.
    @usableFromInline var freshUntil: UInt64

    /// When a read may start the next load: before the expiry, to refresh the entry ahead; or after it, because a load
    /// has just failed.
    @usableFromInline var nextLoad: UInt64

    /// The newest record of the invalidation log with which the entry has been compared.
    @usableFromInline var mark: UInt64

    /// When the value was loaded or written; see ``Deadline/age(of:at:)``.
    let storedAt: UInt64

    /// What few entries have.
    var details: EntryDetails?

    /// Whether the entry is stale and no load of it shall be tried yet.
    func isResting(at now: UInt64) -> Bool { freshUntil <= now && nextLoad > now && value != nil }

    func isUsable(at now: UInt64, acceptsAbsence: Bool) -> Bool {
        freshUntil > now && (acceptsAbsence || value != nil)
    }
}

extension Deadline {
    /// How long ago something was stored.
    ///
    /// What the store holds may be older than the clock of this process, whose moments then wrap around zero: see
    /// ``moment(_:before:)``.
    static func age(of storedAt: UInt64, at now: UInt64) -> Duration {
        max(.zero, .nanoseconds(Int64(bitPattern: now &- storedAt)))
    }

    /// The moment some time ago.
    static func moment(_ age: Duration, before now: UInt64) -> UInt64 {
        now &- UInt64(clamping: age.wholeNanoseconds)
    }
}

/// What L1 was found to hold under a key, with the end of its grace.
///
/// A class for the same reason as ``LiveEntry``.
final class HeldEntry<Value: Sendable>: Sendable {
    let value: MemoryEntry<Value>
    let deadline: UInt64

    init(_ held: (value: MemoryEntry<Value>, deadline: UInt64)) {
        value = held.value
        deadline = held.deadline
    }
}

/// An entry, with the end of its grace, as it moves between the tiers.
///
/// A class, so that those who hand it on, and most often have none, need not find out how a value is laid out.
final class LiveEntry<Value: Sendable>: Sendable {
    let value: Value?
    let timeToLive: Duration
    let storedAt: UInt64
    let freshUntil: UInt64
    let staleUntil: UInt64
    let details: EntryDetails?

    /// Where in the invalidation log its load began, if the envelope says so.
    let position: LogPosition?

    /// The mark with which it may enter memory; nil if it may not.
    let mark: LogMark?

    /// What its load took; zero if that is not known.
    let loadCost: Duration

    /// Where it comes from.
    let source: CacheResult<Value>.Source

    init(
        value: Value?,
        timeToLive: Duration,
        storedAt: UInt64,
        freshUntil: UInt64,
        staleUntil: UInt64,
        details: EntryDetails?,
        position: LogPosition? = nil,
        mark: LogMark? = nil,
        loadCost: Duration = .zero,
        source: CacheResult<Value>.Source = .store
    ) {
        self.value = value
        self.timeToLive = timeToLive
        self.storedAt = storedAt
        self.freshUntil = freshUntil
        self.staleUntil = staleUntil
        self.details = details
        self.position = position
        self.mark = mark
        self.loadCost = loadCost
        self.source = source
    }

    /// The entry with a mark, and fresh until a moment at most.
    func admitted(_ mark: LogMark?, freshUntil limit: UInt64 = .max) -> LiveEntry {
        LiveEntry(
            value: value,
            timeToLive: timeToLive,
            storedAt: storedAt,
            freshUntil: min(freshUntil, limit),
            staleUntil: staleUntil,
            details: details,
            position: position,
            mark: mark,
            loadCost: loadCost,
            source: source
        )
    }

    func isFresh(at now: UInt64) -> Bool { freshUntil > now }

    func isUsable(at now: UInt64, acceptsAbsence: Bool) -> Bool {
        freshUntil > now && (acceptsAbsence || value != nil)
    }
}
