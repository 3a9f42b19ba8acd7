/// What L1 holds under a key.
///
/// L1's own deadline of the entry is the end of its grace.
@usableFromInline
struct MemoryEntry<Value: Sendable>: Sendable {
    /// The value, or `nil` where the origin has none.
    @usableFromInline let value: Value?

    /// Until when the entry is fresh, on the clock of the memory tier.
    @usableFromInline let freshUntil: UInt64

    /// When a hit starts a refresh, on the clock of the memory tier.
    @usableFromInline let refreshAt: UInt64
}

/// An entry, with the end of its grace, as it moves between the tiers.
struct LiveEntry<Value: Sendable>: Sendable {
    let value: Value?
    let timeToLive: Duration
    let freshUntil: UInt64
    let staleUntil: UInt64

    func isFresh(at now: UInt64) -> Bool { freshUntil > now }
}

/// What a call is answered with.
@usableFromInline
struct Answer<Value: Sendable>: Sendable {
    enum Source: Sendable {
        case memory
        case store
        case origin
        /// A stale copy of any tier.
        case stale
        /// A value that another caller was just setting.
        case write
    }

    @usableFromInline let value: Value?
    let source: Source
}
