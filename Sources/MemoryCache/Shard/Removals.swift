/// An entry that left a shard.
@usableFromInline
struct Removal<Key, Value> {
    @usableFromInline let key: Key
    @usableFromInline let value: Value
    @usableFromInline let cause: RemovalCause

    @inlinable
    init(key: Key, value: Value, cause: RemovalCause) {
        self.key = key
        self.value = value
        self.cause = cause
    }
}

/// What left a shard and was not announced yet, in order, if anybody listens.
@usableFromInline
struct Outbox<Key, Value> {
    @usableFromInline var removals: [Removal<Key, Value>] = []
    /// Whether a thread is about to announce all that is here.
    @usableFromInline var isAnnouncing = false
}

/// Entries that left a shard, to be released and reported when no lock is held.
@usableFromInline
struct Removals<Key, Value> {
    // Most operations remove one entry at most, which needs no array.
    @usableFromInline var first: Removal<Key, Value>?
    @usableFromInline var rest: [Removal<Key, Value>] = []

    @inlinable
    init() {}

    @inlinable
    mutating func append(_ removal: consuming Removal<Key, Value>) {
        if first == nil {
            first = removal
        } else {
            rest.append(removal)
        }
    }

    @inlinable var count: Int { first == nil ? 0 : 1 &+ rest.count }
}
