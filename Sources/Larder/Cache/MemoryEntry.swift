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

/// An entry, with the end of its grace, as it moves between the tiers.
struct LiveEntry<Value: Sendable>: Sendable {
    let value: Value?
    let timeToLive: Duration
    let storedAt: UInt64
    var freshUntil: UInt64
    let staleUntil: UInt64
    let details: EntryDetails?

    /// Where in the invalidation log its load began, if the envelope says so.
    var position: LogPosition?

    /// The mark with which it may enter memory; nil if it may not.
    var mark: LogMark?

    /// Where it comes from.
    var source = CacheResult<Value>.Source.store

    func isFresh(at now: UInt64) -> Bool { freshUntil > now }

    func isUsable(at now: UInt64, acceptsAbsence: Bool) -> Bool {
        freshUntil > now && (acceptsAbsence || value != nil)
    }
}
