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

    /// When the value was loaded or written.
    let storedAt: UInt64

    /// What few entries have.
    let details: EntryDetails?

    /// Whether the entry is stale and no load of it shall be tried yet.
    func isResting(at now: UInt64) -> Bool { freshUntil <= now && nextLoad > now && value != nil }

    func isUsable(at now: UInt64, acceptsAbsence: Bool) -> Bool {
        freshUntil > now && (acceptsAbsence || value != nil)
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

    /// Up to which record of the invalidation log it was known to be servable, at least as stale.
    var judged: LogMark?

    func isFresh(at now: UInt64) -> Bool { freshUntil > now }

    func isUsable(at now: UInt64, acceptsAbsence: Bool) -> Bool {
        freshUntil > now && (acceptsAbsence || value != nil)
    }
}
